/** A place in memory, and nodes on loopback that share there. */

import { ExistsError } from "../../errors.ts";
import { CODE_NUMBER_MAX } from "../../limits.ts";
import {
  ephemeralIdentity,
  formatAddress,
  Keyring,
  Node,
  type Ticket,
} from "../../mesh/mod.ts";
import type {
  Candidate,
  CandidateAttachOptions,
  MeetingPlace,
  OfferedNumber,
} from "../meeting_place.ts";
import { type CodeOffer, offerCode, type OfferEvent } from "../offer_code.ts";

/** Knows who has which number, and tells at once. */
export class MemoryPlace implements MeetingPlace {
  readonly name = "memory";
  readonly #only: number | undefined;
  /** What it tells, in this order. */
  readonly offered: OfferedNumber[] = [];
  /** Numbers that it says are taken when somebody announces them. */
  readonly refused = new Set<number>();

  /** @param only The number that is left: all others are taken. */
  constructor(only?: number) {
    this.#only = only;
  }

  taken(): Promise<ReadonlySet<number>> {
    const others = this.#only === undefined
      ? []
      : Array.from({ length: CODE_NUMBER_MAX }, (_, i) => i + 1)
        .filter((number) => number !== this.#only);
    return Promise.resolve(
      new Set([...others, ...this.offered.map(({ number }) => number)]),
    );
  }

  announce(offered: OfferedNumber): Promise<AsyncDisposable> {
    if (this.refused.has(offered.number)) {
      return Promise.reject(new ExistsError("the number is taken"));
    }
    this.offered.push(offered);
    return Promise.resolve({
      [Symbol.asyncDispose]: () => {
        this.offered.splice(this.offered.indexOf(offered), 1);
        return Promise.resolve();
      },
    });
  }

  async find(
    number: number,
    onCandidate: (candidate: Candidate) => void,
    signal: AbortSignal,
  ): Promise<void> {
    for (const offered of this.offered) {
      if (offered.number === number) onCandidate(candidateOf(offered));
    }
    await new Promise<void>((resolve) =>
      signal.addEventListener("abort", () => resolve(), { once: true })
    );
  }
}

function candidateOf({ publicKey, address }: OfferedNumber): Candidate {
  return {
    publicKey,
    where: "memory",
    attach: (options: CandidateAttachOptions) =>
      Node.attach({
        ...options,
        publicKey,
        address: formatAddress(address),
        connections: 1,
        keepMs: 0,
      }),
  };
}

/** Has another place tell of a share that is not announced there. */
export function tellOf({ node, parts: [number] }: Sharer, place: MemoryPlace) {
  const { publicKey, address } = node;
  place.offered.push({ number, publicKey, address });
}

/** A node on loopback that shares by a code. */
export class Sharer implements AsyncDisposable {
  readonly #closing: AsyncDisposable;

  private constructor(
    readonly node: Node,
    readonly ticket: Ticket,
    readonly offer: CodeOffer,
    readonly events: readonly OfferEvent[],
    closing: AsyncDisposable,
  ) {
    this.#closing = closing;
  }

  /** Listens and offers. */
  static async at(...places: readonly MeetingPlace[]): Promise<Sharer> {
    await using stack = new AsyncDisposableStack();
    const keyring = stack.use(new Keyring());
    const identity = ephemeralIdentity();
    const node = stack.use(
      await Node.listen({ address: "127.0.0.1:0", psk: keyring, identity }),
    );
    const ticket = {
      publicKey: node.publicKey,
      addresses: [formatAddress(node.address)],
      psk: crypto.getRandomValues(new Uint8Array(32)),
    };
    keyring.add("share", ticket.psk);
    const events: OfferEvent[] = [];
    const onEvent = (event: OfferEvent) => void events.push(event);
    const offer = stack.use(
      await offerCode({ node, keyring, ticket, places, onEvent }),
    );
    return new Sharer(node, ticket, offer, events, stack.move());
  }

  /** The number and the words of its code. */
  get parts(): [number: number, ...words: string[]] {
    const [number, ...words] = this.offer.code.split("-");
    return [Number(number), ...words];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#closing[Symbol.asyncDispose]();
  }
}
