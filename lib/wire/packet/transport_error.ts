/** Transport error codes (RFC 9000 §20.1, the subset that exists here). */

/** Code of a CLOSE frame sent by the transport itself. */
export const TransportErrorCode = {
  NO_ERROR: 0x0,
  INTERNAL_ERROR: 0x1,
  FLOW_CONTROL_ERROR: 0x3,
  STREAM_LIMIT_ERROR: 0x4,
  STREAM_STATE_ERROR: 0x5,
  FINAL_SIZE_ERROR: 0x6,
  FRAME_ENCODING_ERROR: 0x7,
  TRANSPORT_PARAMETER_ERROR: 0x8,
  PROTOCOL_VIOLATION: 0xa,
  KEY_UPDATE_ERROR: 0xe,
  AEAD_LIMIT_REACHED: 0xf,
} as const;

/** One of the values of {@linkcode TransportErrorCode}. */
export type TransportErrorCode =
  (typeof TransportErrorCode)[keyof typeof TransportErrorCode];

/** The peer broke a rule of the protocol; the connection closes with `code`. */
export class TransportError extends Error {
  constructor(
    /** What the CLOSE frame will carry. */
    readonly code: TransportErrorCode,
    message: string,
  ) {
    super(message);
    this.name = "TransportError";
  }
}
