/** The name of a pre-shared key. */

import { PSK_NAME_MAX } from "../../limits.ts";
import { isPskName } from "../../mesh/mod.ts";
import type { ValueKind } from "../framework/options/value_kind.ts";

export const PSK_NAME: ValueKind<string> = {
  metavar: "NAME",
  parse(value) {
    if (isPskName(value)) return value;
    throw new RangeError(
      `expected 1 to ${PSK_NAME_MAX} letters, digits, '_' and '-' that begin with a letter or digit`,
    );
  },
};
