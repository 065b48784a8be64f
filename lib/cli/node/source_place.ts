/** Sources of a fetch as the command line names them. */

import type { ValueKind } from "../framework/options/value_kind.ts";
import { UPSTREAM, type UpstreamSource } from "./upstream.ts";

/** A source as it was given: a node, or where chunks lie behind HTTP. */
export type SourcePlace = UpstreamSource;

/** Text that may hold a key or a password: it is never repeated. */
export const SOURCE: ValueKind<SourcePlace> = {
  ...UPSTREAM,
  metavar: "SOURCE",
};
