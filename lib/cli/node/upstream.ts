/** What a cache stands in front of: a node, a mirror or a bucket. */

import {
  isObjectsUrl,
  type ObjectsLocation,
  parseObjectsUrl,
} from "../../objects/mod.ts";
import type { ValueKind } from "../framework/options/value_kind.ts";
import { dialSource, type TicketSource } from "./named_node.ts";

/** A node to attach to, or where chunks lie behind HTTP. */
export type UpstreamSource = TicketSource | ObjectsLocation;

const NODE = dialSource("UPSTREAM");

/** Text that may hold a key or a password: it is never repeated. */
export const UPSTREAM: ValueKind<UpstreamSource> = {
  ...NODE,
  parse: (value) =>
    isObjectsUrl(value) ? parseObjectsUrl(value) : NODE.parse(value),
};

/** Whether it is no node. */
export function isObjects<T extends object>(
  source: T | ObjectsLocation,
): source is ObjectsLocation {
  return "kind" in source;
}
