/**
 * Which exit code a failure has: one table of stages and kinds of errors.
 *
 * @module
 */

import type { ErrorKind } from "../errors.ts";
import type { Stage } from "./stage.ts";

/** Success. */
export const EXIT_OK = 0;
/** Local files, and whatever has no code of its own. */
export const EXIT_GENERIC = 1;
/** The command line, or a value it leads to, cannot be used. */
export const EXIT_USAGE = 2;
/** Content, store, integrity and requests to an attached node. */
export const EXIT_TRANSFER = 3;
/** No session with the node. */
export const EXIT_CONNECTION = 6;
/** Ended by SIGINT. */
export const EXIT_SIGINT = 130;
/** Ended by SIGTERM. */
export const EXIT_SIGTERM = 143;

/** Of a stage: the code of the kinds that have their own, and of the rest. */
interface Row {
  readonly kinds: Readonly<Partial<Record<ErrorKind, number>>>;
  readonly rest: number;
}

const TABLE: Readonly<Record<Stage, Row>> = {
  arguments: { kinds: { io: EXIT_GENERIC }, rest: EXIT_USAGE },
  config_load: {
    kinds: { usage: EXIT_USAGE, permission: EXIT_USAGE },
    rest: EXIT_TRANSFER,
  },
  setup: { kinds: { io: EXIT_GENERIC }, rest: EXIT_USAGE },
  open: { kinds: { usage: EXIT_USAGE }, rest: EXIT_GENERIC },
  publish: { kinds: { usage: EXIT_USAGE }, rest: EXIT_TRANSFER },
  attach: {
    kinds: { usage: EXIT_USAGE, config: EXIT_USAGE },
    rest: EXIT_CONNECTION,
  },
  relay: { kinds: { usage: EXIT_USAGE }, rest: EXIT_TRANSFER },
  recv_blob: {
    kinds: { usage: EXIT_USAGE, io: EXIT_GENERIC },
    rest: EXIT_TRANSFER,
  },
  recv_dir: { kinds: { usage: EXIT_USAGE }, rest: EXIT_TRANSFER },
  rpc: { kinds: {}, rest: EXIT_TRANSFER },
  serve: {
    kinds: { usage: EXIT_USAGE, io: EXIT_GENERIC },
    rest: EXIT_TRANSFER,
  },
  output: { kinds: {}, rest: EXIT_GENERIC },
};

/**
 * Looks up the exit code of a failure.
 *
 * @param stage The stage that it ended.
 * @param kind What went wrong; `internal` and `interrupted` have one code each.
 */
export function exitCode(stage: Stage, kind: ErrorKind): number {
  if (kind === "internal") return EXIT_GENERIC;
  if (kind === "interrupted") return EXIT_SIGINT;
  const row = TABLE[stage];
  return row.kinds[kind] ?? row.rest;
}
