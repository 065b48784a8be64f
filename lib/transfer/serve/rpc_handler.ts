/**
 * Procedures that a holder offers by name.
 *
 * @module
 */

import type { Session } from "../../mesh/mod.ts";

/**
 * Answers a procedure call.
 *
 * A {@linkcode TransferError} that it throws reaches the caller with its kind
 * and message, any other error as `internal` and without details.
 *
 * @param name The name that was called.
 * @param body The argument, as the client sent it.
 * @param session Who calls.
 */
export type RpcHandler = (
  name: string,
  body: Uint8Array,
  session: Session,
) => Promise<Uint8Array>;
