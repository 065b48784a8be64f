import { delay } from "@std/async";
import { AwakeClock } from "../async/awake_clock.ts";
import { Notify } from "../async/notify.ts";
import { PeerClosedError } from "../errors.ts";
import {
  KEEP_LOOK_MS,
  KEEP_PATIENT_MS,
  KEEP_RETRY_MAX_MS,
  KEEP_RETRY_MS,
  KEEP_SILENT_MS,
  OVERSLEPT_MS,
} from "../limits.ts";
import type { CloseInfo, Session, SessionLoss } from "./session.ts";
import { closedError, isLoss, lossError, mayPass } from "./session_loss.ts";

/** A connection is there, the first one or a later one. */
export interface KeepAttachedEvent {
  /** Which event it is. */
  type: "attached";
  /** `host:port` of the node. */
  address: string;
  /** How long there was none, in milliseconds. */
  afterMs: number;
  /** Connections before. */
  before: number;
}

/** The connection ended by itself, and another one is tried for. */
export interface KeepLostEvent {
  /** Which event it is. */
  type: "lost";
  /** `host:port` of the node. */
  address: string;
  /** Why it ended. */
  close: CloseInfo;
}

/** No connection could be made; it is tried again. */
export interface KeepFailedEvent {
  /** Which event it is. */
  type: "attach_failed";
  /** Why not. */
  error: unknown;
  /** Milliseconds until the next attempt. */
  retryMs: number;
}

/** The node does not answer; it is looked for, and the connection kept. */
export interface KeepSilentEvent {
  /** Which event it is. */
  type: "silent";
  /** `host:port` of the node. */
  address: string;
}

/** The node answers again on the same connection. */
export interface KeepHeardEvent {
  /** Which event it is. */
  type: "heard";
  /** `host:port` of the node. */
  address: string;
  /** How long it did not, in milliseconds. */
  afterMs: number;
}

/** What becomes of a session that is kept. */
export type KeepEvent =
  | KeepAttachedEvent
  | KeepLostEvent
  | KeepFailedEvent
  | KeepSilentEvent
  | KeepHeardEvent;

/** How a {@linkcode Keeper} works. */
export interface KeeperOptions {
  /** Makes a session with the node. */
  connect: (signal: AbortSignal) => Promise<Session>;
  /**
   * Gives the node up after this many milliseconds without a session, those not
   * counted in which this process did not run, and at once when it refuses; with
   * `Infinity` never, whatever happens.
   */
  keepMs: number;
  /** Told what happens; must not throw. */
  onEvent?: (event: KeepEvent) => void;
  /** First pause after a failure, in milliseconds; doubled by each. */
  retryMs?: number;
  /** Longest pause once the node has been gone for long, in milliseconds. */
  retryMaxMs?: number;
  /**
   * A random number from 0 to 1: those who lost one node do not come back all
   * at once.
   */
  random?: () => number;
  /** Waits; rejects when aborted. */
  pause?: (ms: number, options: { signal: AbortSignal }) => Promise<void>;
}

type State =
  | { readonly kind: "live"; readonly session: Session }
  | { readonly kind: "lost"; readonly loss: SessionLoss }
  | { readonly kind: "over"; readonly error: Error };

/**
 * Keeps one session with a node: attaches, and attaches again when the session
 * is lost, with pauses that grow as long as nothing lasts. Beside a session that
 * the node does not answer any more another one is tried for, since it may have
 * moved; the first of the two that works is kept.
 */
export class Keeper {
  readonly #options: KeeperOptions;
  readonly #stop = new AbortController();
  readonly #changed = new Notify();
  readonly #closed = Promise.withResolvers<CloseInfo>();
  readonly #running: Promise<void>;
  #state: State;
  #latest: Session | undefined;
  #sessions = 0;
  /** Sessions that are of no use any more, until they are closed. */
  readonly #leaving = new Set<Promise<void>>();
  /** Set while what is attached does not answer. */
  #silence: SessionLoss | undefined;
  /** Attempts that failed and sessions that did not last, since one that did. */
  #failures = 0;

  /** Resolves, never rejects, when the node was left or is given up. */
  readonly closed: Promise<CloseInfo> = this.#closed.promise;

  /** Keeps `first`; without it begins to attach. */
  constructor(options: KeeperOptions, first?: Session) {
    this.#options = options;
    const loss = { since: performance.now(), reason: "" };
    this.#state = { kind: "lost", loss };
    this.#running = this.#run(loss, first);
  }

  /** What is attached now. */
  get current(): Session | undefined {
    return this.#state.kind === "live" ? this.#state.session : undefined;
  }

  /** What was attached last. */
  get latest(): Session | undefined {
    return this.#latest;
  }

  /** Since when nothing is attached, or what is does not answer. */
  get loss(): SessionLoss | undefined {
    return this.#state.kind === "lost" ? this.#state.loss : this.#silence;
  }

  /**
   * What is attached, as soon as something is.
   *
   * @throws Why the node was given up, or the reason of the signal.
   */
  async live(signal?: AbortSignal): Promise<Session> {
    for (;;) {
      const state = this.#state;
      if (state.kind === "live") return state.session;
      if (state.kind === "over") throw state.error;
      await this.#changed.wait(signal);
    }
  }

  /** Resolves at the next change of {@linkcode current} or {@linkcode loss}. */
  change(signal?: AbortSignal): Promise<void> {
    return this.#changed.wait(signal);
  }

  /** Leaves the node. */
  async close(code = 0, reason = ""): Promise<void> {
    const { current } = this;
    this.#stop.abort();
    const close = { by: "local", code, reason } as const;
    this.#end(close, new PeerClosedError("the session was closed here"));
    await current?.close(code, reason);
    await this.#running;
    await Promise.all(this.#leaving);
  }

  async #run(first: SessionLoss, session?: Session): Promise<void> {
    session ??= await this.#attach(first);
    while (session !== undefined) session = await this.#next(session);
  }

  /** Offers a session until it is lost; gives the next one, if there is one. */
  async #next(session: Session): Promise<Session | undefined> {
    const { signal } = this.#stop;
    if (signal.aborted) return void await session.close();
    const since = performance.now();
    this.#sessions++;
    this.#latest = session;
    this.#become({ kind: "live", session });
    const { end, other, since: lostAt } = await this.#use(session);
    if (signal.aborted) return void await other?.close();
    const error = closedError(session.remote, end);
    if (this.#givesUp && !isLoss(end, this.#sessions === 1)) {
      return this.#end(end, error);
    }
    if (lostAt - since > KEEP_RETRY_MAX_MS) this.#failures = 0;
    else this.#failures++;
    const loss = { since: lostAt, reason: error.message };
    this.#become({ kind: "lost", loss });
    const { address } = session.remote;
    this.#options.onEvent?.({ type: "lost", address, close: end });
    if (other === undefined) return await this.#attach(loss);
    this.#tellAttached(other, loss);
    // What its streams carried goes on over the other one.
    this.#leave(Promise.resolve(session));
    return other;
  }

  /** How a session ended, and what has been attached beside it if it was silent. */
  async #use(
    session: Session,
  ): Promise<{ end: CloseInfo; since: number; other?: Session }> {
    const over = new AbortController();
    const signal = AbortSignal.any([this.#stop.signal, over.signal]);
    const ended = session.closed.then(() => undefined);
    const replaced = this.#replace(session, signal);
    try {
      const other = await Promise.race([
        ended,
        replaced.then((other) => other ?? ended),
      ]);
      if (other === undefined) {
        // One that comes too late is of no use.
        this.#leave(replaced);
        return { end: await session.closed, since: performance.now() };
      }
      const { silentMs } = session;
      const seconds = (silentMs / 1000).toFixed(1);
      const reason = `nothing heard from the peer for ${seconds} s`;
      const end = { by: "timeout", code: 0, reason } as const;
      return { end, since: performance.now() - silentMs, other };
    } finally {
      over.abort();
      this.#silence = undefined;
    }
  }

  /** Attaches beside a session that is silent, unless it is heard again. */
  async #replace(
    session: Session,
    signal: AbortSignal,
  ): Promise<Session | undefined> {
    const { connect, pause = delay } = this.#options;
    const isSilent = () =>
      session.silentMs > Math.max(KEEP_SILENT_MS, 3 * session.stats.rttMs);
    let failures = 0;
    while (!signal.aborted) {
      if (!isSilent()) {
        failures = 0;
        this.#onHeard(session);
        await this.#look(signal);
        continue;
      }
      const loss = this.#silence ?? this.#onSilent(session);
      try {
        const other = await connect(signal);
        if (isSilent() && !signal.aborted) return other;
        await other.close();
      } catch (error) {
        if (signal.aborted) break;
        this.#silence = { ...loss, error };
        const pauseMs = this.#pauseMs(loss, ++failures);
        await pause(pauseMs, { signal }).catch(() => {});
      }
    }
    return undefined;
  }

  /** Waits until the next look, and longer where this process did not run. */
  async #look(signal: AbortSignal): Promise<void> {
    const since = performance.now();
    await delay(KEEP_LOOK_MS, { signal }).catch(() => {});
    const late = performance.now() - since - KEEP_LOOK_MS;
    // What the node has sent meanwhile is to be read first.
    if (late >= OVERSLEPT_MS) await this.#look(signal);
  }

  /** Closes a session while another one is used or tried for. */
  #leave(session: Promise<Session | undefined>): void {
    const left: Promise<void> = session.then((it) =>
      it?.close(0, "attached to again")
    )
      .catch(() => {
        // It has ended by itself.
      }).finally(() => this.#leaving.delete(left));
    this.#leaving.add(left);
  }

  #onSilent({ remote: { address }, silentMs }: Session): SessionLoss {
    this.#options.onEvent?.({ type: "silent", address });
    const since = performance.now() - silentMs;
    return this.#silence = { since, reason: `the peer ${address} is silent` };
  }

  #onHeard({ remote: { address } }: Session): void {
    if (this.#silence === undefined) return;
    const afterMs = performance.now() - this.#silence.since;
    this.#silence = undefined;
    this.#options.onEvent?.({ type: "heard", address, afterMs });
  }

  #tellAttached(session: Session, { since }: SessionLoss): void {
    const { address } = session.remote;
    this.#options.onEvent?.({
      type: "attached",
      address,
      afterMs: performance.now() - since,
      before: this.#sessions,
    });
  }

  /** Attaches; nothing when the node is given up. */
  async #attach(loss: SessionLoss): Promise<Session | undefined> {
    const { connect, keepMs, onEvent, pause = delay } = this.#options;
    const { signal } = this.#stop;
    const clock = new AwakeClock(KEEP_LOOK_MS);
    const timer = setInterval(() => clock.tick(), KEEP_LOOK_MS);
    using _timer = { [Symbol.dispose]: () => clearInterval(timer) };
    const sinceMs = performance.now() - loss.since;
    for (let retryMs = this.#sessions === 0 ? 0 : this.#pauseMs(loss);;) {
      // What ends the pause early ends the loop, too.
      if (retryMs > 0) await pause(retryMs, { signal }).catch(() => {});
      if (signal.aborted) return;
      let error: unknown;
      try {
        const session = await connect(signal);
        this.#tellAttached(session, loss);
        return session;
      } catch (failure) {
        error = failure;
      }
      if (signal.aborted) return;
      const known = { ...loss, error };
      const isRefused = !mayPass(error);
      const isLate = sinceMs + clock.now >= keepMs;
      if (this.#givesUp && (isRefused || isLate)) {
        const close = { by: "path", code: 0, reason: loss.reason } as const;
        return this.#end(close, lossError(known, isRefused));
      }
      this.#failures++;
      retryMs = this.#pauseMs(loss);
      this.#become({ kind: "lost", loss: known });
      onEvent?.({ type: "attach_failed", error, retryMs });
    }
  }

  /**
   * None before the first attempt, then doubled up to 2 s, and further for a
   * node that has been gone for a minute.
   */
  #pauseMs({ since }: SessionLoss, failures = this.#failures): number {
    if (failures === 0) return 0;
    const {
      retryMs = KEEP_RETRY_MS,
      retryMaxMs = KEEP_RETRY_MAX_MS,
      random = Math.random,
    } = this.#options;
    const isLong = performance.now() - since > KEEP_PATIENT_MS;
    const longest = isLong ? retryMaxMs : KEEP_RETRY_MAX_MS;
    const whole = Math.min(retryMs * 2 ** (failures - 1), longest);
    return Math.round(whole * (1 + random()) / 2);
  }

  get #givesUp(): boolean {
    return this.#options.keepMs < Infinity;
  }

  #become(state: State): void {
    if (this.#state.kind === "over") return;
    this.#state = state;
    this.#changed.notifyAll();
  }

  #end(close: CloseInfo, error: Error): undefined {
    this.#become({ kind: "over", error });
    this.#closed.resolve(close);
  }
}
