/** Measuring the path to a holder with its procedure `path.probe`. */

import {
  PROBE_BYTES_MAX,
  PROBE_UPLOAD_MAX,
  PROBES_SESSION_MAX,
  RPC_ANSWER_MAX,
} from "../../limits.ts";
import type { Session } from "../../mesh/mod.ts";
import {
  decodePathFigures,
  decodeSeenAddress,
  encodePathProbe,
  PATH_PROBE,
  type PathFigures,
} from "../protocol/path_probe.ts";
import { ProtocolError } from "../../errors.ts";
import { callRpc, type CallRpcOptions, readRpcHeader } from "./call_rpc.ts";
import { Exchanges } from "./exchange.ts";

/** Bytes that a download has room for at once; they are dropped. */
const DROPPED_BYTES = 256 * 1024;
/** Uploads under way at once: as much as a holder gives credit for. */
const UPLOADS_MAX = 32;
/** Bytes of the first upload of each that run at once: soon there on any line. */
const UPLOAD_BYTES_MIN = 2 * 1024;

/** How a rate is measured. */
export interface ProbeRateOptions extends CallRpcOptions {
  /** For how long, in milliseconds from the first arrival on. */
  forMs: number;
}

/** A rate that was measured. */
export interface ProbedRate {
  /** Bytes that arrived. */
  readonly bytes: number;
  /** In so many milliseconds. */
  readonly ms: number;
  /**
   * Bytes in a second over the later half of the time, when the start is over;
   * 0 when nothing came.
   */
  readonly rate: number;
}

/** Asks the holder for its figures of the session. */
export async function lookAtPath(
  session: Session,
  options: CallRpcOptions = {},
): Promise<PathFigures> {
  const body = encodePathProbe({ kind: "look" });
  return decodePathFigures(await callRpc(session, PATH_PROBE, body, options));
}

/** Asks the holder under which address it sees this end, as `host:port`. */
export async function askSeenAddress(
  session: Session,
  options: CallRpcOptions = {},
): Promise<string> {
  const body = encodePathProbe({ kind: "address" });
  return decodeSeenAddress(await callRpc(session, PATH_PROBE, body, options));
}

/** Arrivals without which there is no rate. */
const ARRIVALS_MIN = 2;

/** What has arrived when, from the first arrival on. */
class Arrivals implements Disposable {
  readonly #forMs: number;
  readonly #onOver: () => void;
  readonly #marks: { readonly ms: number; readonly bytes: number }[] = [];
  #since = 0;
  #bytes = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #late = false;

  /** @param onOver Called when there is enough of them and the time is over. */
  constructor(forMs: number, onOver: () => void) {
    this.#forMs = forMs;
    this.#onOver = onOver;
  }

  add(bytes: number): void {
    const now = performance.now();
    if (this.#marks.length === 0) {
      this.#since = now;
      this.#timer = setTimeout(() => {
        this.#late = true;
        this.#endIfEnough();
      }, this.#forMs);
    }
    this.#bytes += bytes;
    this.#marks.push({ ms: now - this.#since, bytes: this.#bytes });
    this.#endIfEnough();
  }

  /** The rate from half of the time to the last arrival. */
  rate(): ProbedRate {
    const none = { ms: 0, bytes: 0 };
    const last = this.#marks.at(-1) ?? none;
    const half = this.#marks.findLast(({ ms }) => ms <= last.ms / 2) ?? none;
    const ms = last.ms - half.ms;
    return {
      bytes: last.bytes,
      ms: last.ms,
      rate: ms > 0 ? (last.bytes - half.bytes) / ms * 1000 : 0,
    };
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  #endIfEnough(): void {
    if (this.#late && this.#marks.length >= ARRIVALS_MIN) this.#onOver();
  }
}

/**
 * Measures what several lanes bring until the time is over; that it is over is
 * no failure, any other failure ends all.
 */
async function measure(
  count: number,
  { forMs, signal }: ProbeRateOptions,
  lane: (
    arrivals: Arrivals,
    signal: AbortSignal,
    index: number,
  ) => Promise<void>,
): Promise<ProbedRate> {
  const over = new AbortController();
  using arrivals = new Arrivals(forMs, () => over.abort());
  const signals = signal === undefined ? [] : [signal];
  const ended = AbortSignal.any([over.signal, ...signals]);
  const run = async (index: number) => {
    try {
      await lane(arrivals, ended, index);
    } catch (error) {
      if (error === over.signal.reason) return;
      over.abort();
      throw error;
    }
  };
  try {
    const lanes = Array.from({ length: count }, (_, index) => run(index));
    for (const lane of await Promise.allSettled(lanes)) {
      if (lane.status === "rejected") throw lane.reason;
    }
  } finally {
    // A signal of others that outlives this would keep it in memory.
    over.abort();
  }
  return arrivals.rate();
}

/** Measures how fast bytes come from the holder. */
export async function probeDownload(
  session: Session,
  options: ProbeRateOptions,
): Promise<ProbedRate> {
  const exchanges = new Exchanges(session, options.timeoutMs);
  const body = encodePathProbe({ kind: "download", bytes: PROBE_BYTES_MAX });
  const dropped = new Uint8Array(DROPPED_BYTES);
  return await measure(
    PROBES_SESSION_MAX,
    options,
    (arrivals, signal) =>
      exchanges.once(async (exchange) => {
        await exchange.send({ kind: "rpc", name: PATH_PROBE, body });
        let left = await readRpcHeader(exchange, PATH_PROBE, PROBE_BYTES_MAX);
        while (left > 0) {
          const part = dropped.subarray(0, left);
          await exchange.fill(part, (_, added) => arrivals.add(added));
          left -= part.length;
        }
        await exchange.expectEnd();
      }, signal),
  );
}

/**
 * Measures how fast bytes get to the holder: by requests, of which it takes no
 * more at once than it gives credit for.
 */
export async function probeUpload(
  session: Session,
  options: ProbeRateOptions,
): Promise<ProbedRate> {
  const exchanges = new Exchanges(session, options.timeoutMs);
  const bytes = new Uint8Array(PROBE_UPLOAD_MAX);
  crypto.getRandomValues(bytes);
  /** More run as more have arrived, so that a slow line is not asked for much. */
  const begun = Array.from(
    { length: UPLOADS_MAX },
    () => Promise.withResolvers<void>(),
  );
  let done = 0;
  begun[0].resolve();
  begun[1].resolve();
  const upload = (part: Uint8Array, signal: AbortSignal) =>
    exchanges.once(async (exchange) => {
      const body = encodePathProbe({ kind: "upload", bytes: part });
      await exchange.send({ kind: "rpc", name: PATH_PROBE, body }, "bulk");
      const length = await readRpcHeader(exchange, PATH_PROBE, RPC_ANSWER_MAX);
      if (length > 0) throw new ProtocolError("an upload has no result");
      await exchange.expectEnd();
    }, signal);
  return await measure(
    UPLOADS_MAX,
    options,
    async (arrivals, signal, index) => {
      const stop = () => begun[index].reject(signal.reason);
      signal.addEventListener("abort", stop, { once: true });
      await begun[index].promise;
      let length = UPLOAD_BYTES_MIN;
      for (;;) {
        await upload(bytes.subarray(0, length), signal);
        arrivals.add(length);
        length = Math.min(2 * length, PROBE_UPLOAD_MAX);
        begun[++done + 1]?.resolve();
      }
    },
  );
}
