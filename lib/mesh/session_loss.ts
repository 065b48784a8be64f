/** What it means that a session ended by itself, and what is said about it. */

import {
  HandshakeError,
  NotFoundError,
  PeerClosedError,
  ProtocolError,
  StreamResetError,
  TimeoutError,
  TransferError,
} from "../errors.ts";
import { KEEP_ASLEEP_MS } from "../limits.ts";
import { AttachRefusedError, PortClosedError } from "./attempt.ts";
import { CLOSE_REVOKED } from "./close_codes.ts";
import type { CloseInfo, RemotePeer, SessionLoss } from "./session.ts";

/** Why nothing can be done with a session that has ended. */
export function closedError(
  { address, nodeId: peer }: RemotePeer,
  { by, code, reason }: CloseInfo,
): PeerClosedError | ProtocolError {
  const what = {
    local: "the session was closed here",
    peer: `the peer ${address} closed the session`,
    timeout: `the peer ${address} went silent`,
    reset: `the peer ${address} restarted`,
    error: `the peer ${address} broke a rule of the protocol`,
    path: `the way to ${address} is gone`,
  }[by];
  const message = reason === "" ? what : `${what}: ${reason}`;
  const options = {
    fields: { peer, by, code },
    ...(by === "peer" && code === CLOSE_REVOKED &&
      { hint: "ask its owner for another ticket or pre-shared key" }),
  };
  return by === "error"
    ? new ProtocolError(message, options)
    : new PeerClosedError(message, options);
}

/**
 * Whether it makes sense to attach again after a session has ended like this. A
 * peer that has no room from the beginning has refused us.
 */
export function isLoss({ by, code }: CloseInfo, isFirst: boolean): boolean {
  if (by === "peer" && code === CLOSE_REVOKED) return false;
  return by === "timeout" || by === "reset" || by === "path" ||
    by === "peer" && (code === 0 || !isFirst);
}

/** Whether an attempt that failed like this may succeed later: no answer, no way. */
export function mayPass(error: unknown): boolean {
  if (error instanceof AttachRefusedError) return false;
  return error instanceof HandshakeError || error instanceof TimeoutError ||
    error instanceof PeerClosedError || error instanceof StreamResetError ||
    // Of a relay: the node behind it is not attached to it yet.
    error instanceof NotFoundError;
}

/**
 * How long a node may be away that was there before, in milliseconds: its
 * machine may sleep.
 *
 * @param timeoutMs How long a request may make no progress, where somebody has
 * said so: whatever the reason.
 */
export function absenceMs(timeoutMs?: number): number {
  return timeoutMs ?? KEEP_ASLEEP_MS;
}

/** Whether the machine of a lost node may sleep: one that says no is awake. */
export function mayBeAsleep({ error }: Pick<SessionLoss, "error">): boolean {
  return !(error instanceof PortClosedError);
}

/** What became of a node that was not attached to again. */
export function lossError(
  { since, reason, error }: SessionLoss,
  isRefused: boolean,
): TransferError {
  const seconds = ((performance.now() - since) / 1000).toFixed(1);
  const last = error === undefined
    ? ""
    : `: ${error instanceof Error ? error.message : String(error)}`;
  const lost = reason === "" ? "was not there" : `was lost (${reason})`;
  if (isRefused) {
    const { kind = "internal", hint, fields } = error instanceof TransferError
      ? error
      : {};
    return new TransferError(
      kind,
      `the holder ${lost} and cannot be attached to again${last}`,
      { cause: error, hint, fields },
    );
  }
  return new TimeoutError(
    `the holder ${lost} and could not be attached to again for ${seconds} s${last}`,
    {
      cause: error,
      hint:
        "look whether the holder runs, with the same key, and can be reached; then try again, or allow more time",
    },
  );
}
