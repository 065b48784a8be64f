import { CACHE_MAX_MIN } from "../../limits.ts";
import { optional } from "../framework/options/option.ts";
import type { ValueKind } from "../framework/options/value_kind.ts";
import { parseByteCount } from "./byte_count.ts";

/** A bound on a cache; infinite for `none`. */
export const STORE_MAX: ValueKind<number> = {
  metavar: "SIZE",
  parse(value) {
    if (value === "none") return Infinity;
    const bytes = parseByteCount(value);
    if (bytes === undefined) {
      throw new RangeError("expected bytes such as 50G or 500GB, or none");
    }
    if (bytes < CACHE_MAX_MIN || bytes > Number.MAX_SAFE_INTEGER) {
      throw new RangeError(
        `not from ${CACHE_MAX_MIN / 2 ** 20}M to 8191T; none is no limit`,
      );
    }
    return bytes;
  },
};

export const STORE_MAX_OPTION = optional("store-max", STORE_MAX, {
  help:
    "Keep no more than this of what --upstream fetched in --store: bytes with K, M, G or T for 1024s; what was used longest ago goes first",
  shownDefault: "none",
});
