/** References as people type them. */

import { RefError } from "../errors.ts";
import { REF_TEXT_MAX } from "../limits.ts";
import { type BlobRef, makeSmall } from "./blob_ref.ts";
import { decodeBlobRef } from "./decode_blob_ref.ts";
import { HASH_LENGTH } from "./hash.ts";
import { fromHex } from "../text/hex.ts";
import { quoteText } from "../text/escape.ts";
import { unquoted } from "../text/unquoted.ts";

/** How much of a wrong text a message repeats, in UTF-16 code units. */
const SHOWN = 40;

const HINT = "give the hex that send-blob or send-dir printed";

/**
 * Reads a reference as it stands on a command line: hex of an encoded reference,
 * or of a bare 32-byte hash, which can only name content of one chunk. White
 * space and one pair of quotes around it, as JSON has them, and one `0x` before
 * it are ignored.
 *
 * @param text Hex digits of either case.
 * @returns For a bare hash a Small of size 0 (not known) whose URI is `mesh://`
 * and the hex as typed.
 * @throws {RefError} When it is neither.
 *
 * @example
 * ```ts
 * import { parseRef } from "./parse_ref.ts";
 *
 * parseRef("8e4c7c1b99dbfd50e7a95185fead5ee1448fa904a2fdd778eaf5f2dbfd629a99").kind;
 * // "small"
 * ```
 */
export function parseRef(text: string): BlobRef {
  if (text.length > REF_TEXT_MAX) {
    throw new RefError(
      `reference has ${text.length} characters, more than the ${REF_TEXT_MAX} any reference needs`,
    );
  }
  const hex = unquoted(text).replace(/^0[xX]/, "");
  const bytes = readHex(hex);
  if (bytes.length === HASH_LENGTH) {
    return makeSmall(`mesh://${hex}`, bytes, 0n);
  }
  let reason = `an encoded BlobRef: it has ${bytes.length} bytes and does ` +
    "not start with b0b1b2b3";
  let cause: unknown;
  try {
    const ref = decodeBlobRef(bytes);
    if (ref !== undefined) return ref;
  } catch (error) {
    if (!(error instanceof RefError)) throw error;
    reason = `a valid encoded BlobRef: ${error.message}`;
    cause = error;
  }
  throw new RefError(
    `reference ${show(hex)} is neither a 32-byte hash nor ${reason}`,
    {
      cause,
      hint: "copy the whole reference that send-blob or send-dir printed",
    },
  );
}

function readHex(hex: string): Uint8Array {
  if (hex === "") throw new RefError("reference is empty", { hint: HINT });
  if (/^nt1[a-z2-7]/i.test(hex)) {
    throw new RefError(`reference ${show(hex)} is a ticket, not hex`, {
      hint: "use it where a ticket is taken, for example --ticket",
    });
  }
  try {
    return fromHex(hex);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new RefError(`reference ${show(hex)} is not hex: ${error.message}`, {
      cause: error,
      hint: HINT,
    });
  }
}

function show(text: string): string {
  const cut = text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
  return quoteText(cut);
}
