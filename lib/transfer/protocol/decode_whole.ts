import { PostcardReader } from "../../content/mod.ts";
import { ProtocolError } from "../../errors.ts";

/** Decodes bytes that must be one message and nothing more. */
export function decodeWhole<T>(
  bytes: Uint8Array,
  what: string,
  read: (reader: PostcardReader) => T,
): T {
  const reader = new PostcardReader(bytes);
  let value: T;
  try {
    value = read(reader);
  } catch (cause) {
    if (cause instanceof ProtocolError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ProtocolError(`the ${what} cannot be decoded: ${why}`, { cause });
  }
  if (reader.remaining > 0) {
    throw new ProtocolError(
      `the ${what} has ${reader.remaining} bytes after its end`,
    );
  }
  return value;
}
