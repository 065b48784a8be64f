import { PostcardReader, PostcardWriter } from "../../content/mod.ts";
import { type ErrorKind, ProtocolError, TransferError } from "../../errors.ts";
import { ResponseTag } from "./tags.ts";

/** Longest failure a holder may describe, in bytes. */
export const RPC_FAILURE_MAX = 4096;

/** Longest message a holder sends, in code units. */
const MESSAGE_MAX = 1000;

/** Kinds that a holder may name; anything else becomes `internal`. */
const REMOTE_KINDS: ReadonlySet<string> = new Set<ErrorKind>([
  "usage",
  "not_found",
  "store",
  "permission",
  "internal",
]);

/** Encodes the whole response. */
export function encodeRpcFailure(error: unknown): Uint8Array {
  const known = error instanceof TransferError;
  const writer = new PostcardWriter();
  writer.u8(ResponseTag.failed);
  writer.string(known ? error.kind : "internal");
  // What broke inside the holder is for its own log.
  writer.string(
    known ? error.message.slice(0, MESSAGE_MAX) : "the procedure failed",
  );
  return writer.finish();
}

/** Decodes what follows the header of the response. */
export function decodeRpcFailure(
  bytes: Uint8Array,
  name: string,
): TransferError {
  try {
    const reader = new PostcardReader(bytes);
    const kind = reader.string();
    const message = reader.string();
    return new TransferError(
      REMOTE_KINDS.has(kind) ? kind as ErrorKind : "internal",
      `${name}: ${message}`,
    );
  } catch (cause) {
    return new ProtocolError(`the holder's failure of ${name} is unreadable`, {
      cause,
    });
  }
}
