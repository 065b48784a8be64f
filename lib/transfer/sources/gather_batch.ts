import { HashMismatchError } from "../../errors.ts";
import { toHex } from "../../text/hex.ts";
import type {
  FetchChunkOptions,
  ReceivedChunks,
  WantedChunk,
} from "../ask/chunk_fetcher.ts";
import type { Delivery } from "./want.ts";

/** Some chunks of a batch, which one source has brought. */
export interface Piece {
  /** Which of the batch. */
  readonly indexes: readonly number[];
  readonly got: Delivery<ReceivedChunks>;
}

/** Puts the pieces of a batch behind each other. */
export function gatherBatch(
  wanted: readonly WantedChunk[],
  pieces: readonly Piece[],
  options: FetchChunkOptions,
): ReceivedChunks {
  if (pieces.length === 1) return pieces[0].got.result;
  const total = wanted.reduce((sum, { size }) => sum + size, 0);
  const buffer = options.allocate?.(total) ?? new Uint8Array(total);
  const starts = new Array<number>(wanted.length).fill(0);
  let at = 0;
  for (const { indexes, got: { result } } of pieces) {
    for (const [i, index] of indexes.entries()) {
      const start = result.starts[i];
      const { size } = wanted[index];
      buffer.set(result.buffer.subarray(start, start + size), at);
      starts[index] = at;
      at += size;
    }
  }
  return { buffer, starts };
}

/** The piece of a batch that has wrong bytes, as who verified them says. */
export function wrongPiece(
  error: unknown,
  wanted: readonly WantedChunk[],
  pieces: readonly Piece[],
): Piece | undefined {
  if (!(error instanceof HashMismatchError)) return undefined;
  if (pieces.length === 1) return pieces[0];
  return pieces.find(({ indexes }) =>
    indexes.some((index) => toHex(wanted[index].hash) === error.expected)
  );
}
