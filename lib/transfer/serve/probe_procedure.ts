import { Semaphore } from "../../async/semaphore.ts";
import { PermissionError } from "../../errors.ts";
import { PROBE_MS, PROBES_MAX, PROBES_SESSION_MAX } from "../../limits.ts";
import type { Session } from "../../mesh/mod.ts";
import {
  decodePathProbe,
  encodePathFigures,
  encodeSeenAddress,
} from "../protocol/path_probe.ts";
import type { RepeatedBlock, RpcHandler } from "./rpc_handler.ts";

/** Bytes of the block that a download repeats. */
const BLOCK_BYTES = 256 * 1024;
/** Most bytes that `getRandomValues` fills at once. */
const RANDOM_BYTES = 65_536;

let noise: Uint8Array | undefined;

/** Bytes that nothing on the way can compress. */
function noiseBlock(): Uint8Array {
  if (noise !== undefined) return noise;
  noise = new Uint8Array(BLOCK_BYTES);
  for (let at = 0; at < BLOCK_BYTES; at += RANDOM_BYTES) {
    crypto.getRandomValues(noise.subarray(at, at + RANDOM_BYTES));
  }
  return noise;
}

/**
 * Makes the procedure `path.probe` of a node, with which an attached peer
 * measures the way to it.
 *
 * A peer gets nothing by it that it could not get by fetching: bytes that are
 * sent as bulk data, behind everything else and within every limit of the
 * session. A download is bounded in bytes, in time and in how many run at once,
 * and takes no memory but for one block that all share; an upload is a request
 * like any other.
 *
 * @returns To be offered as `rpc: { "path.probe": … }`.
 *
 * @example
 * ```ts
 * import { PATH_PROBE } from "../protocol/path_probe.ts";
 * import { probeProcedure } from "./probe_procedure.ts";
 *
 * const options = { rpc: { [PATH_PROBE]: probeProcedure() } };
 * ```
 */
export function probeProcedure(): RpcHandler {
  const ofAll = new Semaphore(PROBES_MAX);
  const ofSession = new WeakMap<Session, Semaphore>();

  function download(session: Session, length: number): RepeatedBlock {
    const own = ofSession.get(session) ?? new Semaphore(PROBES_SESSION_MAX);
    ofSession.set(session, own);
    using slots = new DisposableStack();
    for (const probes of [own, ofAll]) {
      const slot = probes.tryAcquire();
      if (slot === undefined) {
        throw new PermissionError(
          "the node has as many probes under way as it allows at once",
          { hint: "try again in a moment" },
        );
      }
      slots.use(slot);
    }
    const kept = slots.move();
    return {
      length,
      block: noiseBlock(),
      maxMs: PROBE_MS,
      [Symbol.dispose]: () => kept.dispose(),
    };
  }

  return (_name, body, session) => {
    const probe = decodePathProbe(body);
    switch (probe.kind) {
      case "download":
        return download(session, probe.bytes);
      case "upload":
        return new Uint8Array(0);
      case "look":
        return encodePathFigures(session.stats);
      case "address":
        return encodeSeenAddress(session.remote.address);
    }
  };
}
