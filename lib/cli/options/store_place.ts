/** Where a store is: a directory, or a bucket. */

import { isObjectsUrl, parseObjectsUrl } from "../../objects/mod.ts";
import { DIR, type ValueKind } from "../framework/options/value_kind.ts";

/** A directory, or `s3://BUCKET/PREFIX`; it is not looked at while parsing. */
export const STORE_PLACE: ValueKind<string> = {
  ...DIR,
  metavar: "STORE",
  parse(value) {
    if (!isObjectsUrl(value)) return DIR.parse(value);
    if (parseObjectsUrl(value).kind === "http") {
      throw new RangeError(
        "a web server cannot be stored to: expected a directory or s3://BUCKET/PREFIX",
      );
    }
    return value.trim();
  },
};
