import { abortable, delay } from "@std/async";
import { TimeoutError } from "../errors.ts";
import {
  type AttachRelay,
  attachThrough,
  Node,
  type Session,
} from "../mesh/mod.ts";
import type {
  Candidate,
  CandidateAttachOptions,
  MeetingPlace,
  OfferedNumber,
} from "./meeting_place.ts";
import {
  announceNumber,
  findNumber,
  withdrawNumber,
} from "./meeting_point_rpc.ts";

/** Milliseconds between two questions for a number that is not there. */
const ASK_AGAIN_MS = 1000;
/** Milliseconds in which the node must be attached to it. */
const ATTACHED_MS = 10_000;

/** How a meeting point is attached to. */
export type MeetingPointOptions = Pick<
  AttachRelay,
  "address" | "publicKey" | "psk"
>;

/**
 * Meeting at a node that both ends reach: it passes on their packets, and knows
 * which of the nodes that are attached to it has which number.
 */
export class MeetingPoint implements MeetingPlace {
  readonly name: string;
  readonly #options: MeetingPointOptions;
  readonly #onLost: (error: unknown) => void;
  /** The last session of the sharing node with it. */
  #session: Session | undefined;
  readonly #came = Promise.withResolvers<void>();
  /** Numbers that are announced, for when the session is made again. */
  readonly #numbers = new Set<number>();

  /**
   * @param onLost Told when a number is not known there any more; must not
   * throw.
   */
  constructor(
    options: MeetingPointOptions,
    onLost: (error: unknown) => void = () => {},
  ) {
    const { address } = options;
    const first = typeof address === "string" ? address : address[0];
    this.name = `the meeting point ${first}`;
    this.#options = options;
    this.#onLost = onLost;
  }

  /** Takes the session of a sharing node with it, as `via.onSession` tells it. */
  readonly onSession = (session: Session): void => {
    this.#session = session;
    this.#came.resolve();
    for (const number of this.#numbers) {
      announceNumber(session, number).catch((error) => {
        // Somebody got it meanwhile: the share is found elsewhere, or not.
        this.#numbers.delete(number);
        this.#onLost(error);
      });
    }
  };

  taken(): Promise<ReadonlySet<number>> {
    // It says when one is announced; which it has is nobody's business.
    return Promise.resolve(new Set());
  }

  async announce(
    { number }: OfferedNumber,
    signal: AbortSignal,
  ): Promise<AsyncDisposable> {
    const session = await this.#attached(signal);
    await announceNumber(session, number, { signal });
    this.#numbers.add(number);
    return {
      [Symbol.asyncDispose]: async () => {
        this.#numbers.delete(number);
        // When it cannot be told, it forgets the number with the session.
        await withdrawNumber(this.#session ?? session, number).catch(() => {});
      },
    };
  }

  async find(
    number: number,
    onCandidate: (candidate: Candidate) => void,
    signal: AbortSignal,
  ): Promise<void> {
    await using session = await this.#attach({ signal });
    while (!signal.aborted) {
      const publicKey = await findNumber(session, number, { signal });
      if (publicKey !== undefined) onCandidate(this.#candidate(publicKey));
      // It ends early when nobody looks any more.
      await delay(ASK_AGAIN_MS, { signal }).catch(() => {});
    }
  }

  #candidate(publicKey: Uint8Array): Candidate {
    return {
      publicKey,
      where: this.name,
      attach: async ({ psk, identity, ...limits }: CandidateAttachOptions) =>
        await attachThrough(await this.#attach(limits), {
          publicKey,
          psk,
          identity,
          ...limits,
        }),
    };
  }

  #attach(
    limits: Pick<CandidateAttachOptions, "signal"> & {
      connectTimeoutMs?: number;
    },
  ): Promise<Session> {
    return Node.attach({
      ...this.#options,
      ...limits,
      connections: 1,
      keepMs: 0,
    });
  }

  /** The session of the sharing node. */
  async #attached(signal: AbortSignal): Promise<Session> {
    const late = AbortSignal.timeout(ATTACHED_MS);
    await abortable(this.#came.promise, AbortSignal.any([signal, late]))
      .catch(() => signal.throwIfAborted());
    if (this.#session !== undefined) return this.#session;
    throw new TimeoutError(`${this.name} cannot be attached to`, {
      hint: "look whether it runs 'serve --relay --rendezvous'",
    });
  }
}
