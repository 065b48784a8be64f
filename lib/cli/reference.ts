/**
 * References on the command line: hex, `@FILE`, or `-` for stdin.
 *
 * @module
 */

import { type BlobRef, parseRef } from "../content/mod.ts";
import { RefError } from "../errors.ts";
import { REF_TEXT_MAX } from "../limits.ts";
import { readSmallFile } from "./read_file.ts";
import type { ValueKind } from "./value_kind.ts";

/** A reference as it was given: decoded, or still to be read. */
export type ReferenceSource = BlobRef | { readonly file: string } | "stdin";

/** A reference: hex is checked at once, a file or stdin is read later. */
export const REFERENCE: ValueKind<ReferenceSource> = {
  metavar: "REF",
  completes: "at_file",
  parse(value) {
    if (value === "-") return "stdin";
    return value.startsWith("@") ? { file: value.slice(1) } : parseRef(value);
  },
};

async function readStdin(): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const bytes of Deno.stdin.readable) {
    text += decoder.decode(bytes, { stream: true });
    if (text.length > REF_TEXT_MAX) {
      throw new RefError(
        `the reference on stdin is longer than ${REF_TEXT_MAX} characters`,
      );
    }
  }
  return text;
}

/**
 * Reads what is still to be read of a reference.
 *
 * @throws {RefError} When it is no reference.
 * @throws {TransferError} Of kind `io` when the file cannot be read.
 */
export async function readReference(source: ReferenceSource): Promise<BlobRef> {
  if (source === "stdin") return parseRef(await readStdin());
  if (!("file" in source)) return source;
  const { bytes } = await readSmallFile(source.file, {
    what: "reference file",
    max: REF_TEXT_MAX,
  });
  return parseRef(new TextDecoder().decode(bytes));
}
