/** What it means for a source that a request to it has failed, and what is said. */

import {
  HandshakeError,
  HashMismatchError,
  NotFoundError,
  PeerClosedError,
  PermissionError,
  ProtocolError,
  StoreError,
  TimeoutError,
  TransferError,
  type TransferErrorOptions,
} from "../../errors.ts";
import {
  ChunkLengthError,
  TransferCancelledError,
} from "../protocol/transfer_error.ts";

/** What is to be concluded. */
export type Verdict =
  /** It does not have the chunk. */
  | "lacks"
  /** It says that the chunk has another length: it, or who published it. */
  | "disputes"
  /** It has sent what no honest one sends. */
  | "lies"
  /** It is out of reach. */
  | "gone"
  /** It has failed, this time. */
  | "fails"
  /** It is nothing that another source could help with. */
  | "ends";

/** Judges why a request to one of several sources has failed. */
export function judge(error: unknown): Verdict {
  if (error instanceof NotFoundError) return "lacks";
  if (error instanceof ChunkLengthError) return "disputes";
  if (error instanceof ProtocolError || error instanceof HashMismatchError) {
    return "lies";
  }
  if (error instanceof PeerClosedError || error instanceof TimeoutError) {
    return "gone";
  }
  if (error instanceof TransferCancelledError) return "ends";
  return error instanceof TransferError ? "fails" : "ends";
}

/** Why one source could not help. */
export interface SourceFailure {
  /** Which one it is. */
  readonly index: number;
  /** How the source is called. */
  readonly source: string;
  readonly error: unknown;
}

/** Which failure tells most: what an honest source says that is there. */
const RANKS: readonly ((error: unknown) => boolean)[] = [
  (error) => error instanceof NotFoundError,
  (error) => error instanceof ChunkLengthError,
  (error) => error instanceof HashMismatchError,
  (error) => error instanceof ProtocolError,
  (error) => error instanceof TransferError && judge(error) === "fails",
  (error) => error instanceof PeerClosedError,
  (error) => error instanceof TimeoutError,
  (error) => error instanceof TransferError,
  () => true,
];

function rankOf(error: unknown): number {
  return RANKS.findIndex((is) => is(error));
}

/** What a failure says, in one line. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * The failure that tells most, which names all the others.
 *
 * @param failures Not empty.
 */
export function bestFailure(failures: readonly SourceFailure[]): unknown {
  const [best, ...others] = failures.toSorted((a, b) =>
    rankOf(a.error) - rankOf(b.error)
  );
  if (others.length === 0) return best.error;
  const sources = [best, ...others].map(({ source, error }) =>
    `${source}: ${reasonOf(error)}`
  );
  return withSources(best, sources);
}

/** Failures that stay what they are when all sources are named. */
const CLASSES = [
  NotFoundError,
  ProtocolError,
  PeerClosedError,
  TimeoutError,
  HandshakeError,
  PermissionError,
  StoreError,
] as const;

function withSources(
  { source, error }: SourceFailure,
  sources: readonly string[],
): unknown {
  if (!(error instanceof TransferError)) return error;
  const [, ...others] = sources;
  const more = `${source}; other sources: ${others.join("; ")}`;
  const { kind, hint } = error;
  const options: TransferErrorOptions = {
    cause: error,
    hint,
    fields: { ...error.fields, sources },
  };
  if (error instanceof HashMismatchError) {
    const { expected, actual } = error;
    // Its message is fixed.
    return new HashMismatchError(expected, actual, {
      ...options,
      hint: `of the sources, ${sources.join("; ")}`,
    });
  }
  if (error instanceof ChunkLengthError) {
    return new ChunkLengthError(
      error.declared,
      error.announced,
      error.what,
      { ...options, hint: `of the sources, ${sources.join("; ")}` },
    );
  }
  const message = `${error.message} (${more})`;
  const Same = CLASSES.find((each) => error instanceof each);
  return Same === undefined
    ? new TransferError(kind, message, options)
    : new Same(message, options);
}
