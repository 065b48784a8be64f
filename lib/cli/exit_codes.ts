/** Which exit code a failure has: one table of stages and kinds of errors. */

import type { ErrorKind } from "../errors.ts";

export const EXIT_OK = 0;
/** Local files, and whatever has no code of its own. */
export const EXIT_GENERIC = 1;
/** The command line, or a value it leads to, cannot be used. */
export const EXIT_USAGE = 2;
/** Content, store, integrity and requests to an attached node. */
export const EXIT_TRANSFER = 3;
/** No session with the node. */
export const EXIT_CONNECTION = 6;
export const EXIT_SIGHUP = 129;
export const EXIT_SIGINT = 130;
export const EXIT_SIGTERM = 143;

/** Of a stage: the code of the kinds that have their own, and of the rest. */
type Row = Readonly<Partial<Record<ErrorKind, number>> & { rest: number }>;

const TABLE = {
  /** Arguments and references, before anything is opened. */
  arguments: { io: EXIT_GENERIC, rest: EXIT_USAGE },
  config_load: {
    usage: EXIT_USAGE,
    permission: EXIT_USAGE,
    rest: EXIT_TRANSFER,
  },
  /** Choosing and reading profile values, keys and identities. */
  setup: { io: EXIT_GENERIC, rest: EXIT_USAGE },
  /** Opening what is to be published, or the store it goes to. */
  open: { usage: EXIT_USAGE, rest: EXIT_GENERIC },
  /** Reading, hashing and staging what is to be published. */
  publish: { usage: EXIT_USAGE, rest: EXIT_TRANSFER },
  /** Binding a socket, reaching and authenticating a node. */
  attach: { usage: EXIT_USAGE, config: EXIT_USAGE, rest: EXIT_CONNECTION },
  /** Finding the source behind the attached node. */
  relay: { usage: EXIT_USAGE, rest: EXIT_TRANSFER },
  recv_blob: {
    usage: EXIT_USAGE,
    exists: EXIT_USAGE,
    io: EXIT_GENERIC,
    rest: EXIT_TRANSFER,
  },
  recv_dir: { usage: EXIT_USAGE, exists: EXIT_USAGE, rest: EXIT_TRANSFER },
  /** Waiting for another process at the same target, or not. */
  target_held: { rest: EXIT_TRANSFER },
  /** Calling a procedure of the attached node. */
  rpc: { rest: EXIT_TRANSFER },
  serve: { usage: EXIT_USAGE, io: EXIT_GENERIC, rest: EXIT_TRANSFER },
  output: { rest: EXIT_GENERIC },
} satisfies Record<string, Row>;

export type Stage = keyof typeof TABLE;

export function exitCode(stage: Stage, kind: ErrorKind): number {
  if (kind === "internal") return EXIT_GENERIC;
  if (kind === "interrupted") return EXIT_SIGINT;
  const row: Row = TABLE[stage];
  return row[kind] ?? row.rest;
}
