/**
 * Which exit code a failure has: one table of what was going on and what went
 * wrong.
 *
 * @module
 */

import type { ErrorKind } from "../errors.ts";

/** What was going on when something failed. */
export type Phase =
  /** Arguments and references, before anything is opened. */
  | "arguments"
  /** Reading the configuration file. */
  | "config_load"
  /** Choosing and reading profile values, keys and identities. */
  | "setup"
  /** Opening what is to be published, or the store it goes to. */
  | "open"
  /** Reading, hashing and staging what is to be published. */
  | "publish"
  /** Binding a socket, reaching and authenticating a node. */
  | "attach"
  /** Asking the attached node for the source behind it. */
  | "relay"
  /** Fetching a blob into a file. */
  | "recv_blob"
  /** Fetching a directory. */
  | "recv_dir"
  /** Asking the attached node what it transfers. */
  | "rpc"
  /** Serving. */
  | "serve"
  /** Printing the result. */
  | "output";

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

/** Of a phase: the code of the kinds that have their own, and of the rest. */
interface Row {
  readonly kinds: Readonly<Partial<Record<ErrorKind, number>>>;
  readonly rest: number;
}

const TABLE: Readonly<Record<Phase, Row>> = {
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
 * Looks up the exit code of a failure; an `internal` one is always
 * {@linkcode EXIT_GENERIC}.
 *
 * @param phase What was going on.
 * @param kind What went wrong.
 */
export function exitCode(phase: Phase, kind: ErrorKind): number {
  if (kind === "internal") return EXIT_GENERIC;
  if (kind === "interrupted") return EXIT_SIGINT;
  const row = TABLE[phase];
  return row.kinds[kind] ?? row.rest;
}
