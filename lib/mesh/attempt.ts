import { equals } from "@std/bytes/equals";
import { HandshakeError, TimeoutError } from "../errors.ts";
import {
  connectionIdKey,
  eraseEstablished,
  type Established,
  Initiator,
  type InitiatorConfig,
  type RemoteAddress,
  sameAddress,
} from "../wire/mod.ts";
import { OVERSLEPT_MS } from "../limits.ts";
import { formatAddress, isIpv4, isIpv6, isLinkLocal } from "./address.ts";
import { ipBytes } from "./ip_bytes.ts";

/**
 * First wait for an answer, in milliseconds; doubled each time (RFC 9002 §6.2.2
 * takes 1 s).
 */
const FIRST_WAIT_MS = 250;
/** Longest wait between two Initials, in milliseconds. */
const LONGEST_WAIT_MS = 2000;
/**
 * How long the system may refuse to send before the attempt is given up, in
 * milliseconds: a network that is just coming up gets a few tries.
 */
const REFUSED_MS = 2000;

/** What to do about silence. */
const SILENCE =
  "check the address, the node's public key and the PSK: a node stays silent " +
  "to whoever has them wrong or may not attach";

interface AttemptOptions {
  config: InitiatorConfig;
  address: RemoteAddress;
  now: number;
  /** When to give up. */
  deadline: number;
  /** Why the system refused to send something else, before. */
  lastSendError?: Error;
  /** How often the system was told that something cannot be reached, if it tells. */
  unreachables?: () => number | undefined;
}

export interface Attached {
  established: Established;
  /** Where the peer is. */
  from: RemoteAddress;
  /**
   * Round trip in milliseconds, when it is known and no retransmission makes it
   * ambiguous.
   */
  rtt?: number;
  /** What it took at most, in milliseconds, where an Initial was repeated. */
  rttMax?: number;
}

/**
 * Whether two addresses are one, however they are spelled.
 *
 * Only then is a session made with where its Response came from, and else with
 * where its Initial went: whoever sees a Response could have it come from an
 * address of its own first, and would be between the two from then on (RFC 9000
 * §9: a client discards what comes from elsewhere). A node that answers from
 * another address of its machine is followed there like one that moves, when it
 * has shown that it receives there.
 */
function isSameHost(from: RemoteAddress, to: RemoteAddress): boolean {
  if (sameAddress(from, to)) return true;
  if (from.port !== to.port || !isIp(from.hostname) || !isIp(to.hostname)) {
    return false;
  }
  return equals(ipBytes(from.hostname), ipBytes(to.hostname));
}

const isIp = (hostname: string): boolean =>
  isIpv4(hostname) || isIpv6(hostname);

/** What to do about a system that refuses to send. */
function refusalHint({ message }: Error): string {
  if (/os error 1\)|os error 13\)|not permitted|denied/i.test(message)) {
    return "a firewall or a route of this machine forbids it: look at its rules for what it sends";
  }
  if (/os error 22\)|invalid argument/i.test(message)) {
    return "no packet can go to this address; a link-local one needs its interface, as [fe80::1%eth0]:7700";
  }
  return "check the address and this machine's network";
}

/** The node answered, and no session with it is possible. */
export class AttachRefusedError extends HandshakeError {}

/**
 * No answer from the node, and one from its machine each time: no program
 * listens at the address.
 */
export class PortClosedError extends TimeoutError {}

/**
 * Pauses between Initials in each of which the system must have been told that
 * something cannot be reached. A router that looks for a machine which sleeps
 * says so as well, but every few seconds only.
 */
const CLOSED_PAUSES = 3;

/**
 * One attempt to attach: the initiator's handshake with its retransmissions and
 * its deadline.
 */
export class Attempt {
  readonly #handshake: Initiator;
  readonly #peer: string;
  #start: number;
  #deadline: number;
  #nextSend: number;
  #sent = 0;
  /** Copies sent of the Initial as it is now, and when the first was. */
  #copies = 0;
  #copiedSince = 0;
  #lastSendError: Error | undefined;
  /** Why the system did not send the last Initial, and since when it does not. */
  #refusal: Error | undefined;
  #refusedSince = Infinity;
  readonly #unreachables: (() => number | undefined) | undefined;
  /** What it told when the last Initial was sent. */
  #unreachable: number | undefined;
  /** Pauses after an Initial in which it told more. */
  #refusals = 0;
  #over = false;
  readonly #result = Promise.withResolvers<Attached>();

  readonly address: RemoteAddress;
  /** Key of our connection id. */
  readonly key: string;
  /** Settles when the attempt ends. */
  readonly done: Promise<Attached> = this.#result.promise;

  constructor(options: AttemptOptions) {
    this.#handshake = new Initiator(options.config);
    this.address = options.address;
    this.#peer = formatAddress(options.address);
    this.key = connectionIdKey(this.#handshake.connectionId, 0);
    this.#start = options.now;
    this.#nextSend = options.now;
    this.#deadline = options.deadline;
    this.#lastSendError = options.lastSendError;
    this.#unreachables = options.unreachables;
  }

  /** When {@linkcode poll} is due. */
  nextTimeout(): number {
    return this.#over ? Infinity : Math.min(this.#nextSend, this.#giveUpAt);
  }

  get #giveUpAt(): number {
    return Math.min(this.#deadline, this.#refusedSince + REFUSED_MS);
  }

  /** The packet to send now, if any. */
  poll(now: number): Uint8Array | undefined {
    if (this.#over) return undefined;
    if (now - this.#giveUpAt >= OVERSLEPT_MS) this.#beginAnew(now);
    else if (now >= this.#giveUpAt) {
      this.fail(this.#refused(now) ?? this.#timeout(now));
      return undefined;
    }
    if (now < this.#nextSend) return undefined;
    const wait = Math.min(FIRST_WAIT_MS * 2 ** this.#sent, LONGEST_WAIT_MS);
    this.#nextSend = now + wait;
    this.#countRefusals();
    this.#sent++;
    if (this.#copies++ === 0) this.#copiedSince = now;
    const packet = this.#handshake.packet();
    this.#handshake.onSent();
    return packet;
  }

  /** The time is over while this process did not run: nobody was late. */
  #beginAnew(now: number): void {
    this.#deadline += now - this.#start;
    this.#start = this.#nextSend = now;
    this.#refusedSince = Infinity;
    this.#copies = 0;
  }

  #countRefusals(): void {
    const before = this.#unreachable;
    const after = this.#unreachable = this.#unreachables?.();
    if (before !== undefined && after !== undefined && after > before) {
      this.#refusals++;
    }
  }

  /** Takes a handshake packet with our connection id. */
  receive(now: number, bytes: Uint8Array, from: RemoteAddress): void {
    if (this.#over) return;
    const result = this.#handshake.receive(bytes);
    if (result.kind === "retry") {
      this.#nextSend = now;
      this.#copies = 0;
    } else if (result.kind === "failed") {
      const message = `cannot attach to ${this.#peer}: ${result.reason}`;
      this.fail(
        new AttachRefusedError(message, { fields: { peer: this.#peer } }),
      );
    } else if (result.kind === "established") {
      this.#over = true;
      const took = now - this.#copiedSince;
      this.#result.resolve({
        established: result.established,
        from: isSameHost(from, this.address) ? from : this.address,
        ...(this.#copies > 1 ? { rttMax: took } : { rtt: took }),
      });
    }
  }

  /**
   * The system has taken the last Initial, or refused it.
   *
   * @param lastSendError Why it refused to send, the last time that it did.
   */
  onSent(now: number, lastSendError: Error | undefined): void {
    const taken = lastSendError === this.#lastSendError;
    this.#lastSendError = lastSendError;
    this.#refusal = taken ? undefined : lastSendError;
    if (taken) this.#refusedSince = Infinity;
    else if (this.#refusedSince === Infinity) this.#refusedSince = now;
  }

  /** Nobody waits for it any more: what it has agreed on is of no use. */
  giveUp(): void {
    this.#over = true;
    this.#handshake.erase();
    this.done.then(({ established }) => eraseEstablished(established), () => {
      // It had failed.
    });
  }

  fail(error: unknown): void {
    this.#over = true;
    this.#handshake.erase();
    this.#result.reject(error);
  }

  #refused(now: number): HandshakeError | undefined {
    const cause = this.#refusal;
    if (cause === undefined) return undefined;
    const seconds = ((now - this.#refusedSince) / 1000).toFixed(1);
    return new HandshakeError(
      `cannot send to ${this.#peer} for ${seconds} s: ${cause.message}`,
      {
        cause,
        hint: refusalHint(cause),
        fields: { peer: this.#peer },
      },
    );
  }

  #timeout(now: number): TimeoutError {
    const seconds = ((now - this.#start) / 1000).toFixed(1);
    const pauses = Math.max(CLOSED_PAUSES, this.#sent - 1);
    if (this.#refusals >= pauses) {
      return new PortClosedError(
        `no answer from ${this.#peer} within ${seconds} s: the machine says that nothing listens there`,
        {
          hint: "start the node there, or check address and port",
          fields: { peer: this.#peer },
        },
      );
    }
    const { hint } = this.#handshake;
    if (hint !== undefined) {
      return new TimeoutError(
        `no session with ${this.#peer} within ${seconds} s: ${hint}`,
        { hint: "update the older one", fields: { peer: this.#peer } },
      );
    }
    return new TimeoutError(
      `no answer from ${this.#peer} within ${seconds} s`,
      {
        hint: isLinkLocal(this.address.hostname)
          ? `${SILENCE}; a node with several links answers on the right one ` +
            "only if it listens on its link-local address, " +
            "as --listen [fe80::1%eth0]:7700"
          : SILENCE,
        fields: { peer: this.#peer },
      },
    );
  }
}
