/** Procedures that a holder offers by name. */

import type { Session } from "../../mesh/mod.ts";

/**
 * Carries out a procedure call.
 *
 * A {@linkcode TransferError} that it throws reaches the caller with its kind
 * and message, any other error as `internal` and without details.
 *
 * @param name The name that was called.
 * @param body The argument, as the client sent it.
 * @param session The session with the caller.
 * @returns The result.
 */
export type RpcHandler = (
  name: string,
  body: Uint8Array,
  session: Session,
) => Uint8Array | Promise<Uint8Array>;
