/** Sharing a ticket by a code. */

import { awakeTimeout } from "../async/awake_timeout.ts";
import { ExistsError, UsageError } from "../errors.ts";
import { CODE_EXCHANGE_MS } from "../limits.ts";
import type { Keyring, Node, Session, Ticket } from "../mesh/mod.ts";
import { serveNode } from "../transfer/mod.ts";
import { type Code, formatCode, makeCode } from "./code.ts";
import { type CodeEnd, CodeTries, type TryEvent } from "./code_tries.ts";
import { meetingProcedures } from "./exchange_code.ts";
import type { MeetingPlace } from "./meeting_place.ts";
import { meetingPsk } from "./meeting_secrets.ts";

/** Numbers that are tried until one is free at all places. */
const NUMBERS_TRIED = 8;

/** Application error code of the CLOSE of a session that is too slow. */
const CLOSE_SLOW = 1;

/** What becomes of a code while it is offered. */
export type OfferEvent =
  | TryEvent
  /** The code is not found at this place, and why. */
  | {
    readonly type: "nowhere";
    readonly place: string;
    readonly error: unknown;
  };

/** What is shared, and where it is found. */
export interface OfferCodeOptions {
  /** Serves the sessions of scope `meeting`, which are for this alone. */
  readonly node: Pick<Node, "sessions" | "publicKey" | "address">;
  /** The keyring that the node listens with. */
  readonly keyring: Pick<Keyring, "add" | "revoke">;
  /** What who knows the code gets. */
  readonly ticket: Ticket;
  /** Where it is found, one at least. */
  readonly places: readonly MeetingPlace[];
  /** Told what happens; must not throw. */
  readonly onEvent?: (event: OfferEvent) => void;
  readonly signal?: AbortSignal;
}

/** Holds no chunk: a meeting is for the exchange alone. */
const NOTHING = {
  has: () => Promise.resolve(false),
  get: () => Promise.resolve(undefined),
  [Symbol.asyncDispose]: () => Promise.resolve(),
};

function fillRandom(bytes: Uint8Array): void {
  crypto.getRandomValues(bytes);
}

/** A code that is offered until it is used, tried wrongly too often, or withdrawn. */
export class CodeOffer implements AsyncDisposable {
  readonly #tries: CodeTries;
  readonly #running: Promise<void>;

  /** To be given to who gets it. */
  readonly code: string;
  /** The places where it is found. */
  readonly places: readonly string[];
  /** Resolves when the code is good for nothing any more, and why. */
  readonly ended: Promise<CodeEnd>;

  constructor(
    code: Code,
    { node, keyring, ticket, onEvent = () => {} }: OfferCodeOptions,
    announced: ReadonlyMap<string, AsyncDisposable>,
  ) {
    const end = Promise.withResolvers<CodeEnd>();
    const drain = new AbortController();
    this.code = formatCode(code);
    this.places = [...announced.keys()];
    this.#tries = new CodeTries(code, fillRandom, (event) => {
      onEvent(event);
      if (event.type === "over") {
        drain.abort();
        end.resolve(event.why);
      }
    });
    const serving = serveNode(
      { sessions: () => this.#inTime(node.sessions("meeting")) },
      NOTHING,
      {
        rpc: meetingProcedures(this.#tries, node.publicKey, ticket),
        drain: drain.signal,
      },
    );
    this.#running = serving.then(async () => {
      await Promise.all(
        Array.from(announced.values(), (one) => one[Symbol.asyncDispose]()),
      );
      // Not before the last answer has arrived: it ends the sessions.
      keyring.revoke(pskName(code));
    });
    this.ended = end.promise.then(async (why) => {
      await this.#running;
      return why;
    });
  }

  /** Withdraws the code. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#tries[Symbol.dispose]();
    await this.#running;
  }

  /** The sessions, each of which has to be over in time; what it left is counted. */
  async *#inTime(sessions: AsyncIterable<Session>): AsyncGenerator<Session> {
    for await (const session of sessions) {
      const stop = awakeTimeout(
        () => void session.close(CLOSE_SLOW, "the exchange takes too long"),
        CODE_EXCHANGE_MS,
      );
      session.closed.then(() => {
        stop();
        this.#tries.drop(session);
      });
      yield session;
    }
  }
}

function pskName({ number }: Code): string {
  return `meeting-${number}`;
}

/**
 * Offers a ticket by a code, with a number that no other share has at the places
 * where it is found.
 *
 * @throws {UsageError} When there is no place, or no number is free.
 * @throws The failure of the last place, when it is found nowhere.
 */
export async function offerCode(
  options: OfferCodeOptions,
): Promise<CodeOffer> {
  const { onEvent = () => {}, keyring } = options;
  const signal = options.signal ?? new AbortController().signal;
  if (options.places.length === 0) {
    throw new UsageError("a code has to be found somewhere");
  }
  const usable = new Map<MeetingPlace, ReadonlySet<number>>();
  let failure: unknown;
  const leaveOut = (place: MeetingPlace, error: unknown) => {
    signal.throwIfAborted();
    failure = error;
    usable.delete(place);
    onEvent({ type: "nowhere", place: place.name, error });
  };
  await Promise.all(options.places.map(async (place) => {
    try {
      usable.set(place, await place.taken(options.node.address, signal));
    } catch (error) {
      leaveOut(place, error);
    }
  }));
  const taken = new Set([...usable.values()].flatMap((one) => [...one]));
  for (let tried = 0; tried < NUMBERS_TRIED && usable.size > 0; tried++) {
    const code = makeCode({ taken, random: fillRandom });
    const psk = meetingPsk(code);
    keyring.add(pskName(code), psk, { scope: "meeting" });
    psk.fill(0);
    await using undo = new AsyncDisposableStack();
    undo.defer(() => void keyring.revoke(pskName(code)));
    const announced = await announceAt(
      options.places.filter((place) => usable.has(place)),
      code,
      options,
      leaveOut,
    );
    if (announced === undefined) taken.add(code.number);
    else if (announced.size > 0) {
      undo.move();
      return new CodeOffer(code, options, announced);
    }
  }
  throw usable.size === 0 ? failure : new UsageError(
    "the numbers of codes are taken here",
    { hint: "give the ticket instead" },
  );
}

/** Announces a code; `undefined` when another share has its number somewhere. */
async function announceAt(
  places: readonly MeetingPlace[],
  { number }: Code,
  { node: { publicKey, address }, signal }: OfferCodeOptions,
  leaveOut: (place: MeetingPlace, error: unknown) => void,
): Promise<Map<string, AsyncDisposable> | undefined> {
  const announced = new Map<string, AsyncDisposable>();
  await using undo = new AsyncDisposableStack();
  for (const place of places) {
    try {
      const one = await place.announce(
        { number, publicKey, address },
        signal ?? new AbortController().signal,
      );
      announced.set(place.name, undo.use(one));
    } catch (error) {
      if (error instanceof ExistsError) return undefined;
      leaveOut(place, error);
    }
  }
  undo.move();
  return announced;
}
