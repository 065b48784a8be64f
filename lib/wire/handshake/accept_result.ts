import type { Established } from "./handshake.ts";

/** What to do about an Initial. */
export type AcceptResult =
  /** Say nothing: it is forged, not for us, or one too many. */
  | { readonly kind: "drop"; readonly reason: string }
  /** Send `packet` back and forget it. */
  | { readonly kind: "reply"; readonly packet: Uint8Array }
  /** Make a half-open connection of `established`, then send `packet` back. */
  | {
    readonly kind: "accepted";
    readonly packet: Uint8Array;
    readonly established: Established;
    /** A half-open connection that made room for it, as a `connectionIdKey`. */
    readonly displaced?: string;
  };

export const drop = (reason: string): AcceptResult => ({
  kind: "drop",
  reason,
});
export const reply = (packet: Uint8Array): AcceptResult => ({
  kind: "reply",
  packet,
});
