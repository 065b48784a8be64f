import { RPC_ANSWER_MAX } from "../../limits.ts";
import type { Session } from "../../mesh/mod.ts";
import { decodeRpcFailure, RPC_FAILURE_MAX } from "../protocol/rpc_failure.ts";
import { ProtocolError } from "../../errors.ts";
import { UnknownProcedureError } from "../protocol/transfer_error.ts";
import { type Exchange, Exchanges } from "./exchange.ts";

/** How a procedure is called. */
export interface CallRpcOptions {
  /** Gives up at once. */
  signal?: AbortSignal;
  /**
   * Longest time without progress, in milliseconds.
   *
   * @default {REQUEST_TIMEOUT_MS}
   */
  timeoutMs?: number;
}

/** Calls a procedure; fails with the kind and message that the holder gave. */
export async function callRpc(
  session: Session,
  name: string,
  body: Uint8Array,
  options: CallRpcOptions = {},
): Promise<Uint8Array> {
  const exchanges = new Exchanges(session, options.timeoutMs);
  return await exchanges.once(async (exchange) => {
    await exchange.send({ kind: "rpc", name, body });
    const length = await readRpcHeader(exchange, name, RPC_ANSWER_MAX);
    const answer = new Uint8Array(length);
    await exchange.fill(answer);
    await exchange.expectEnd();
    return answer;
  }, options.signal);
}

/**
 * Reads how long the result is, `max` at most, or fails as the holder says.
 *
 * @returns Bytes that follow.
 */
export async function readRpcHeader(
  exchange: Exchange,
  name: string,
  max: number,
): Promise<number> {
  const header = await exchange.readHeader();
  if (header.kind === "not_found") throw new UnknownProcedureError(name);
  if (header.kind === "failed") {
    throw decodeRpcFailure(await exchange.readToEnd(RPC_FAILURE_MAX), name);
  }
  if (header.length > max) {
    throw new ProtocolError(
      `the holder announces ${header.length} bytes for ${name}: the limit is ${max}`,
    );
  }
  return header.length;
}
