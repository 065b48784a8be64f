/** What `doctor` looks at of a node and of the path to it. */

import { delay } from "@std/async";
import { TRANSFER_QUERY_MS } from "../../limits.ts";
import { formatAddress, resolveHost, type Session } from "../../mesh/mod.ts";
import {
  lookAtPath,
  probeDownload,
  type ProbedRate,
  probeUpload,
  UnknownProcedureError,
} from "../../transfer/mod.ts";
import type { Context } from "../command.ts";
import { Float, Id } from "../framework/output/report.ts";
import { formatBytes, formatRate, formatSeconds } from "../../text/human.ts";
import { attach, type Attachment } from "../node/attach.ts";
import { type AttachTarget, relayIdOf } from "../node/read_settings.ts";
import { inStage, stageOf } from "../stage.ts";
import { TransferError } from "../../errors.ts";
import type { Checks, Finding } from "./checks.ts";
import type { Transfer } from "./limiting_stage.ts";
import { mib } from "./machine_checks.ts";
import type { MeasuringTime } from "./measuring_time.ts";
import { routeFinding, settleRoute } from "./route_check.ts";
import {
  arrivalRate,
  type Direction,
  dropsBetween,
  type Moment,
  momentOf,
  sentBetween,
} from "./path_figures.ts";

/** Requests whose round trips are measured. */
const ROUND_TRIPS = 8;
/** Loss that is worth a warning. */
const MUCH_LOSS = 0.03;
/** What every path carries: where it stays at that, something is in the way. */
const SMALLEST_DATAGRAM = 1200;

/** A round trip or the like, with what matters of it. */
function ms(value: number): string {
  return `${value < 10 ? value.toFixed(2) : value.toFixed(1)} ms`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share < 0.01 ? 2 : 1)} %`;
}

interface PathContext {
  readonly checks: Checks;
  readonly target: AttachTarget;
  readonly time: MeasuringTime;
  readonly context: Context;
}

/** Which node is named. */
export function targetFinding(target: AttachTarget): Finding {
  const { nodeId, addresses, relay } = target.options;
  const at = addresses.length === 0 ? "" : ` at ${addresses.join(", ")}`;
  const byWayOf = relay === undefined
    ? ""
    : `${at === "" ? "" : ", or"} by way of node ${relayIdOf(target)} at ${
      relay.address.join(", ")
    }`;
  return {
    said: `node ${nodeId}${at}${byWayOf}`,
    figures: {
      node_id: new Id(nodeId),
      addresses,
      ...(relay && {
        relay: new Id(relayIdOf(target)),
        relay_addresses: relay.address,
      }),
    },
  };
}

/** Looks names up; gives the addresses to try. */
function checkNames(
  { checks, target, context: { signal } }: PathContext,
): Promise<string[] | undefined> {
  const { addresses, relay, connectTimeoutMs: timeoutMs } = target.options;
  // What the relay is called is looked up when it is attached to.
  if (addresses.length === 0 && relay !== undefined) {
    checks.skip("resolve", "the node is reached by way of its relay alone");
    return Promise.resolve([]);
  }
  return checks.run("resolve", () =>
    inStage("attach", async () => {
      const since = performance.now();
      const looks = await Promise.allSettled(
        addresses.map((address) => resolveHost(address, { signal, timeoutMs })),
      );
      const found: string[] = [];
      const failures: unknown[] = [];
      for (const look of looks) {
        if (look.status === "rejected") failures.push(look.reason);
        else found.push(...look.value.map(formatAddress));
      }
      if (found.length === 0) throw failures[0];
      const took = performance.now() - since;
      const finding: Finding = {
        status: failures.length > 0 ? "warn" : "ok",
        said: found.join(", "),
        figures: { addresses: found, duration_secs: new Float(took / 1000) },
      };
      return [found, finding];
    }));
}

/** Attaches, and tells which step it failed at. */
async function checkAttach(
  { checks, target, context }: PathContext,
  addresses: readonly string[],
): Promise<Attachment | undefined> {
  const since = performance.now();
  const options = { ...target.options, addresses, connections: 1 };
  try {
    const attachment = await attach({ ...target, options }, context);
    const took = performance.now() - since;
    const { address } = attachment.session.remote;
    checks.add("reach", {
      said: `${address} answers`,
      figures: { address },
    });
    checks.add("handshake", {
      said: `node ${attachment.peer} in ${ms(took)}`,
      figures: {
        peer: new Id(attachment.peer),
        duration_secs: new Float(took / 1000),
      },
    });
    return attachment;
  } catch (thrown) {
    context.signal.throwIfAborted();
    checks.fail(failedStep(thrown), thrown);
    return undefined;
  }
}

/** The step that an attach failed at. */
function failedStep(thrown: unknown): "reach" | "handshake" | "route" {
  const { stage, error } = stageOf(thrown);
  if (!(error instanceof TransferError)) return "reach";
  if (stage === "relay" || error.fields.relay !== undefined) return "route";
  return error.kind === "timeout" || error.kind === "permission"
    ? "reach"
    : "handshake";
}

/** Measures requests that cost nothing; gives the figures of both ends. */
async function measureRoundTrips(
  session: Session,
  options: { readonly signal: AbortSignal; readonly timeoutMs: number },
): Promise<[Moment, Finding]> {
  const samples: number[] = [];
  let there = await lookAtPath(session, options);
  for (let i = 0; i < ROUND_TRIPS; i++) {
    const since = performance.now();
    there = await lookAtPath(session, options);
    samples.push(performance.now() - since);
  }
  const moment = momentOf(session, there);
  const { minRttMs, rttMs, rttVariationMs } = moment.here;
  const request = samples.sort((one, other) => one - other)[ROUND_TRIPS >> 1];
  return [moment, {
    said: `smallest ${ms(minRttMs)}, smoothed ${ms(rttMs)} ± ${
      ms(rttVariationMs)
    }; a request ${ms(request)}`,
    figures: {
      min_ms: new Float(minRttMs),
      smoothed_ms: new Float(rttMs),
      variation_ms: new Float(rttVariationMs),
      request_ms: new Float(request),
    },
  }];
}

/** Looks at a session after some time, while it is busy, and keeps what it saw. */
class LaterLook implements Disposable {
  /** What was seen; until then what had been seen before. */
  seen: Moment;
  readonly #stop = new AbortController();

  constructor(
    session: Session,
    before: Moment,
    { signal, timeoutMs, forMs }: RateOptions,
  ) {
    this.seen = before;
    const options = {
      signal: AbortSignal.any([signal, this.#stop.signal]),
      timeoutMs,
    };
    const look = async () => {
      await delay(forMs / 2, options);
      this.seen = momentOf(session, await lookAtPath(session, options));
    };
    look().catch(() => {
      // It has come too late: what was seen before must do.
    });
  }

  [Symbol.dispose](): void {
    this.#stop.abort();
  }
}

interface RateOptions {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  readonly forMs: number;
}

/** What was seen of one direction, the start of the measurement left out. */
interface Measured extends Direction {
  readonly rate: ProbedRate;
  readonly since: Moment;
  readonly after: Moment;
}

/** Measures one direction; `towards` is the end that the bytes go to. */
async function measureRate(
  session: Session,
  towards: "here" | "there",
  before: Moment,
  options: RateOptions,
): Promise<[Measured, Finding]> {
  const probe = towards === "here" ? probeDownload : probeUpload;
  using later = new LaterLook(session, before, options);
  const probed = await probe(session, options);
  const since = later.seen;
  const after = momentOf(session, await lookAtPath(session, options));
  const from = towards === "here" ? "there" : "here";
  const sent = sentBetween(since[from], after[from]);
  const arrived = since === before
    ? undefined
    : arrivalRate(since, after, towards);
  const rate = {
    ...probed,
    rate: Math.min(probed.rate, arrived ?? Infinity),
  };
  return [{ ...sent, rate, since, after }, {
    said: `${formatRate(rate.rate)}; ${formatBytes(rate.bytes)} in ${
      formatSeconds(rate.ms / 1000)
    }, by ${after[from].congestion}`,
    figures: {
      rate_mib_s: mib(rate.rate),
      bytes: rate.bytes,
      duration_secs: new Float(rate.ms / 1000),
      congestion: after[from].congestion,
      limited_ms: {
        application: Math.round(sent.limitedMs.application),
        flow_control: Math.round(sent.limitedMs.flowControl),
        path: Math.round(sent.limitedMs.path),
        buffer: Math.round(sent.limitedMs.buffer),
        rate: Math.round(sent.limitedMs.rate),
      },
    },
  }];
}

function lossFinding(down: Measured, up: Measured | undefined): Finding {
  const drops = dropsBetween(down.since, down.after);
  const told = ({ lost, packets, loss }: Direction) =>
    `${percent(loss)} (${lost} of ${packets})`;
  const much = Math.max(down.loss, up?.loss ?? 0) > MUCH_LOSS;
  const dropped = drops === undefined || drops === 0
    ? ""
    : `; our own socket dropped ${percent(drops)}`;
  return {
    status: much ? "warn" : "ok",
    said: `down ${told(down)}${up ? `, up ${told(up)}` : ""}${dropped}`,
    figures: {
      down_percent: new Float(down.loss * 100),
      up_percent: up && new Float(up.loss * 100),
      bytes_retransmitted_down: down.retransmitted,
      bytes_retransmitted_up: up?.retransmitted,
      socket_drops: drops === undefined
        ? undefined
        : (down.after.drops ?? 0) - (down.since.drops ?? 0),
    },
  };
}

function mtuFinding({ here, there }: Moment, direct: boolean): Finding {
  const [up, down] = [here.datagramSize, there.datagramSize];
  const stuck = direct && Math.min(up, down) <= SMALLEST_DATAGRAM;
  return {
    status: stuck ? "warn" : "ok",
    said: `datagrams of ${down} bytes down, ${up} up`,
    hint: stuck
      ? "larger ones do not get through: look for a tunnel, or for a firewall that drops them"
      : undefined,
    figures: { datagram_bytes_down: down, datagram_bytes_up: up },
  };
}

/** What was seen while bytes came from a node. */
export interface SeenTransfer extends Transfer {
  readonly datagramBytes: number;
}

/**
 * Attaches to a node and looks at the path to it, as far as that goes.
 *
 * @returns `undefined` when no bytes could be got.
 */
export async function checkPath(
  checks: Checks,
  target: AttachTarget,
  time: MeasuringTime,
  context: Context,
): Promise<SeenTransfer | undefined> {
  const path: PathContext = { checks, target, time, context };
  const addresses = await checkNames(path);
  if (addresses === undefined) return undefined;
  await using attachment = await checkAttach(path, addresses);
  if (attachment === undefined) return undefined;
  const { session } = attachment;
  return await attachment.use(async () => {
    const { signal } = context;
    const timeoutMs = Math.min(
      target.requestTimeoutMs.value,
      TRANSFER_QUERY_MS,
    );
    const relay = relayIdOf(target);
    // What is measured is to be the path that a fetch would have.
    if (target.options.direct !== "never") await settleRoute(session, signal);
    checks.add(
      "route",
      await routeFinding(session, relay, { signal, timeoutMs }),
    );
    return await checkRates(path, session);
  });
}

async function checkRates(
  { checks, target, time, context: { signal } }: PathContext,
  session: Session,
): Promise<SeenTransfer | undefined> {
  const timeoutMs = target.requestTimeoutMs.value;
  const options = { signal, timeoutMs };
  const rpc = <T>(
    check: string,
    look: () => Promise<[T, Finding]>,
  ): Promise<T | undefined> => checks.run(check, () => inStage("rpc", look));
  const quick = {
    ...options,
    timeoutMs: Math.min(timeoutMs, TRANSFER_QUERY_MS),
  };
  let old = false;
  const start = await rpc("rtt", async () => {
    try {
      return await measureRoundTrips(session, quick);
    } catch (error) {
      if (!(error instanceof UnknownProcedureError)) throw error;
      old = true;
      const { rttMs } = session.stats;
      return [undefined, {
        said: `smoothed ${ms(rttMs)}`,
        figures: { smoothed_ms: new Float(rttMs) },
      }];
    }
  });
  if (start === undefined) {
    if (!old) return undefined;
    for (const check of ["rate_down", "rate_up", "loss", "path_mtu"]) {
      checks.skip(
        check,
        "the node is older than this program, or does not let itself be measured",
      );
    }
    return undefined;
  }
  const rating = { ...options, forMs: time.path(start.here.minRttMs) };
  const down = await rpc(
    "rate_down",
    () => measureRate(session, "here", start, rating),
  );
  if (down === undefined) return undefined;
  const up = await rpc(
    "rate_up",
    () => measureRate(session, "there", down.after, rating),
  );
  checks.add("loss", lossFinding(down, up));
  checks.add(
    "path_mtu",
    mtuFinding((up ?? down).after, session.route === "direct"),
  );
  return {
    rate: down.rate.rate,
    limitedMs: down.limitedMs,
    loss: down.loss,
    drops: dropsBetween(down.since, down.after),
    congestion: down.after.there.congestion,
    datagramBytes: down.after.there.datagramSize,
  };
}
