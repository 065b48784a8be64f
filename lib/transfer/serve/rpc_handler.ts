/** Procedures that a holder offers by name. */

import type { Session } from "../../mesh/mod.ts";

/** A long result that is made of one block, sent over and over as bulk data. */
export interface RepeatedBlock extends Disposable {
  /** Bytes of the result. */
  readonly length: number;
  /** What is repeated; it must not change. */
  readonly block: Uint8Array;
  /** Milliseconds after which the response is given up. */
  readonly maxMs: number;
}

/**
 * Carries out a procedure call.
 *
 * A {@linkcode TransferError} that it throws reaches the caller with its kind
 * and message, any other error as `internal` and without details.
 *
 * @param name The name that was called.
 * @param body The argument, as the client sent it.
 * @param session The session with the caller.
 * @returns The result; a block is disposed of when it has been sent, or given up.
 */
export type RpcHandler = (
  name: string,
  body: Uint8Array,
  session: Session,
) => RpcResult | Promise<RpcResult>;

/** What a procedure returns. */
export type RpcResult = Uint8Array | RepeatedBlock;
