/**
 * The application error codes of RESET_STREAM and STOP_SENDING (RFC 9000 §20.2)
 * that the two ends of a transfer give each other.
 */

/** Why one end gave up a stream. The numbers are part of the protocol. */
export const StreamErrorCode = {
  /** The data is not wanted any more: the caller stopped. */
  cancelled: 1,
  /**
   * The request cannot be decoded: an unknown kind, a bad field, bytes after
   * its end.
   */
  malformedRequest: 2,
  /** The request is longer than `REQUEST_MAX` or asks for too many hashes. */
  requestTooLarge: 3,
  /** The other end made no progress for too long. */
  timeout: 4,
  /** The holder shuts down and starts nothing new. */
  shuttingDown: 5,
  /** The answer breaks the protocol. */
  protocolViolation: 6,
  /** The holder failed in a way that is not the client's fault. */
  internal: 7,
  /**
   * The holder has its chunks from a node that is out of reach: asked later it
   * may have an answer.
   */
  unavailable: 8,
} as const;

/** One of the values of {@linkcode StreamErrorCode}. */
export type StreamErrorCode =
  typeof StreamErrorCode[keyof typeof StreamErrorCode];

const MEANINGS: ReadonlyMap<number, string> = new Map([
  [StreamErrorCode.cancelled, "cancelled"],
  [StreamErrorCode.malformedRequest, "malformed request"],
  [StreamErrorCode.requestTooLarge, "request too large"],
  [StreamErrorCode.timeout, "no progress"],
  [StreamErrorCode.shuttingDown, "shutting down"],
  [StreamErrorCode.protocolViolation, "protocol violation"],
  [StreamErrorCode.internal, "internal failure"],
  [StreamErrorCode.unavailable, "not available now"],
]);

/** Names a code for people, if this version knows it. */
export function describeStreamErrorCode(code: number): string {
  return MEANINGS.get(code) ?? `code ${code}`;
}
