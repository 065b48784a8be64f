/** Getting a ticket by a code. */

import { delay } from "@std/async";
import {
  HandshakeError,
  NotFoundError,
  ProtocolError,
  TimeoutError,
  TransferError,
} from "../errors.ts";
import { CODE_CANDIDATES_MAX, TICKET_ADDRESSES_MAX } from "../limits.ts";
import {
  ephemeralIdentity,
  eraseIdentity,
  type Identity,
  parseAddress,
  type Session,
  type Ticket,
} from "../mesh/mod.ts";
import { toHex } from "../text/hex.ts";
import { type Code, parseCode } from "./code.ts";
import { CodeRefusedError } from "./code_refused.ts";
import { exchangeCode } from "./exchange_code.ts";
import type {
  Candidate,
  CandidateAttachOptions,
  MeetingPlace,
} from "./meeting_place.ts";
import { meetingPsk } from "./meeting_secrets.ts";

/** Milliseconds for which a share is looked for. */
const FIND_MS = 20_000;
/** Milliseconds in which a share must answer that was just heard of. */
const ATTACH_MS = 5000;
/** Milliseconds in which further shares with the number are waited for. */
const GATHER_MS = 300;

/** What happens while a share is looked for. */
export type FindEvent =
  /** A share with the number is tried. */
  | { readonly type: "trying"; readonly where: string }
  /** So many shares answer to the number: all but one are somebody else's. */
  | { readonly type: "several"; readonly count: number }
  /** Nothing can be found at this place, and why. */
  | {
    readonly type: "nowhere";
    readonly place: string;
    readonly error: unknown;
  };

/** Where and for how long is looked. */
export interface FindTicketOptions {
  readonly places: readonly MeetingPlace[];
  /** Told what happens; must not throw. */
  readonly onEvent?: (event: FindEvent) => void;
  /** Milliseconds for which a share is looked for. @default {20 s} */
  readonly timeoutMs?: number;
  /** Milliseconds in which a share that was found must answer. @default {5 s} */
  readonly connectTimeoutMs?: number;
  /** Keys of this end, for shares that let only some in. @default {fresh ones} */
  readonly identity?: Identity;
  readonly signal?: AbortSignal;
}

/** The shares that answer, in the order in which they are tried. */
class Candidates {
  readonly #all = new Map<string, Candidate>();
  readonly #tried = new Set<string>();
  #came = Promise.withResolvers<void>();

  get count(): number {
    return this.#all.size;
  }

  readonly add = (candidate: Candidate): void => {
    const key = toHex(candidate.publicKey);
    // However many there are, so many are tried; one more tells that there are.
    if (this.#all.has(key) || this.#all.size > CODE_CANDIDATES_MAX) return;
    this.#all.set(key, candidate);
    this.#came.resolve();
    this.#came = Promise.withResolvers();
  };

  /** One that was not tried, if there are tries left. */
  next(): Candidate | undefined {
    if (this.#tried.size >= CODE_CANDIDATES_MAX) return undefined;
    for (const [key, candidate] of this.#all) {
      if (this.#tried.has(key)) continue;
      this.#tried.add(key);
      return candidate;
    }
    return undefined;
  }

  /** Waits for another one. */
  async wait(ms: number, signal: AbortSignal): Promise<void> {
    const stop = new AbortController();
    const either = AbortSignal.any([signal, stop.signal]);
    // What comes first ends the wait: another one, the time, or the caller.
    await Promise.race([
      this.#came.promise,
      delay(ms, { signal: either }).catch(() => {}),
    ]);
    stop.abort();
  }
}

/**
 * Finds the share with a code and gets its ticket.
 *
 * At most {@linkcode CODE_CANDIDATES_MAX} shares with its number are tried, one
 * after another; each is somebody who may guess the code once.
 *
 * @throws {UsageError} When the text is no code.
 * @throws {NotFoundError} When no share with its number answers.
 * @throws {CodeRefusedError} When the code is wrong, or over.
 * @throws {ProtocolError} When who answers does not keep to the exchange.
 */
export async function findTicket(
  text: string,
  options: FindTicketOptions,
): Promise<Ticket> {
  const code = parseCode(text);
  const { signal: outer } = options;
  const stop = new AbortController();
  const signal = outer === undefined
    ? stop.signal
    : AbortSignal.any([outer, stop.signal]);
  const candidates = new Candidates();
  const finding = findEverywhere(code, candidates, options, signal);
  const identity = options.identity ?? ephemeralIdentity();
  try {
    return await tryEach(code, candidates, identity, options, signal, finding);
  } finally {
    stop.abort();
    if (options.identity === undefined) eraseIdentity(identity);
    await finding.catch(() => {});
  }
}

/** Looks at all places; fails when none of them can be looked at. */
async function findEverywhere(
  { number }: Code,
  candidates: Candidates,
  { places, onEvent = () => {} }: FindTicketOptions,
  signal: AbortSignal,
): Promise<void> {
  const failures: unknown[] = [];
  await Promise.all(places.map(async (place) => {
    try {
      await place.find(number, candidates.add, signal);
    } catch (error) {
      if (signal.aborted) return;
      failures.push(error);
      onEvent({ type: "nowhere", place: place.name, error });
    }
  }));
  if (failures.length === places.length && failures.length > 0) {
    throw failures[0];
  }
}

async function tryEach(
  code: Code,
  candidates: Candidates,
  identity: Identity,
  options: FindTicketOptions,
  signal: AbortSignal,
  finding: Promise<void>,
): Promise<Ticket> {
  const { places, onEvent = () => {} } = options;
  const { timeoutMs = FIND_MS, connectTimeoutMs = ATTACH_MS } = options;
  const deadline = performance.now() + timeoutMs;
  const failures: unknown[] = [];
  let isFirst = true;
  for (;;) {
    const left = deadline - performance.now();
    if (candidates.count === 0 && left > 0) {
      // It fails when there is no place to look at any more.
      await Promise.race([
        candidates.wait(left, signal),
        finding.then(() => candidates.wait(left, signal)),
      ]);
      signal.throwIfAborted();
      if (candidates.count > 0) await candidates.wait(GATHER_MS, signal);
    }
    if (isFirst && candidates.count > 1) {
      onEvent({ type: "several", count: candidates.count });
    }
    isFirst = false;
    const candidate = candidates.next();
    if (candidate === undefined) {
      throw failureOf(code, failures, candidates.count, places);
    }
    onEvent({ type: "trying", where: candidate.where });
    try {
      return await tryOne(code, candidate, {
        identity,
        connectTimeoutMs,
        signal,
      });
    } catch (error) {
      signal.throwIfAborted();
      failures.push(error);
    }
  }
}

async function tryOne(
  code: Code,
  candidate: Candidate,
  options: Omit<CandidateAttachOptions, "psk">,
): Promise<Ticket> {
  const psk = meetingPsk(code);
  const { identity, signal } = options;
  await using session = await attachTo(candidate, { ...options, psk });
  const ticket = await exchangeCode(session, code, {
    getter: identity.x25519Public,
    random: (bytes) => crypto.getRandomValues(bytes),
    signal,
  });
  return reachedAt(ticket, session.remote.address);
}

/**
 * The ticket, with the address that its node was reached at first of all: it may
 * be one that no ticket has, such as a link-local one.
 */
function reachedAt(ticket: Ticket, address: string): Ticket {
  if (parseAddress(address) === undefined) return ticket;
  const others = ticket.addresses.filter((other) => other !== address);
  const most = TICKET_ADDRESSES_MAX - 1 - (ticket.relay?.addresses.length ?? 0);
  return { ...ticket, addresses: [address, ...others.slice(0, most)] };
}

async function attachTo(
  candidate: Candidate,
  options: CandidateAttachOptions,
): Promise<Session> {
  try {
    return await candidate.attach(options);
  } catch (error) {
    // Anybody names it, and not every value of the right length is a key.
    if (!(error instanceof RangeError)) throw error;
    throw new ProtocolError(
      `what was found on ${candidate.where} has a key that is none`,
      { cause: error },
    );
  }
}

/** What is said when no share gave a ticket. */
function failureOf(
  { number }: Code,
  failures: readonly unknown[],
  count: number,
  places: readonly MeetingPlace[],
): unknown {
  if (failures.length === 0) {
    const where = places.map(({ name }) => name).join(" or ");
    return new NotFoundError(
      `no share with the number ${number} answers on ${where}`,
      {
        hint:
          "a code is good for one use, while its share runs, on the same network or with a meeting point named on both ends (--meet); the ticket works everywhere",
        fields: { number },
      },
    );
  }
  const refused = failures.find((error) => error instanceof CodeRefusedError);
  const reached = failures.filter((error) =>
    !(error instanceof TimeoutError || error instanceof HandshakeError)
  );
  const failure = refused ?? reached[0] ?? failures[0];
  if (count === 1 || !(failure instanceof TransferError)) return failure;
  return new TransferError(
    failure.kind,
    `${
      count > CODE_CANDIDATES_MAX ? `more than ${CODE_CANDIDATES_MAX}` : count
    } shares answer to the number ${number}, and ${failures.length} were tried; of the last that answered: ${failure.message}`,
    {
      cause: failure,
      hint: "ask for a code with another number, or for the ticket",
      fields: { number, count },
    },
  );
}
