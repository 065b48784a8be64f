/** Principals as `--admin-*` names them. */

import type { Principal } from "../../transfer/mod.ts";
import { parseHex32 } from "../framework/options/hex32.ts";
import type { ValueKind } from "../framework/options/value_kind.ts";

/** Nobody, every attached peer, or the peer with a public key. */
export const WHO: ValueKind<Principal> = {
  metavar: "WHO",
  completes: ["none", "psk"],
  parse(value) {
    if (value === "none" || value === "psk") return value;
    try {
      return parseHex32(value);
    } catch {
      throw new RangeError(
        "expected none, psk, or a public key of 64 hexadecimal digits",
      );
    }
  },
};
