/** Options of 32 bytes in hexadecimal. */

import { fromHex } from "../../../text/hex.ts";
import type { ValueKind } from "./value_kind.ts";

/** Parses 32 bytes in hexadecimal; blanks around them and a leading `0x` pass. */
export function parseHex32(value: string): Uint8Array {
  const digits = value.trim().replace(/^(?:0x)*(?:0X)*/, "");
  if (!/^[0-9a-fA-F]*$/.test(digits)) {
    throw new RangeError("holds a character that is no hexadecimal digit");
  }
  if (digits.length !== 64) {
    throw new RangeError(
      `expected 64 hexadecimal digits (32 bytes), got ${digits.length}`,
    );
  }
  return fromHex(digits);
}

export const HEX32: ValueKind<Uint8Array> = {
  metavar: "HEX",
  parse: parseHex32,
};

export const SECRET_HEX32: ValueKind<Uint8Array> = { ...HEX32, secret: true };
