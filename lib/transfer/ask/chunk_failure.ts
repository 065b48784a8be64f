/** What is wrong with the response to a request for a chunk, said of that chunk. */

import { type ErrorField, NotFoundError, ProtocolError } from "../../errors.ts";
import { toHex } from "../../text/hex.ts";
import { ChunkLengthError } from "../protocol/transfer_error.ts";

/** One chunk wanted, with its declared length. */
export interface WantedChunk {
  readonly hash: Uint8Array;
  readonly size: number;
}

/** How a chunk is called in errors. */
export interface ChunkLabel {
  /** For people, for example `chunk 3 of docs/a.txt`. */
  readonly text: string;
  /** For machine-readable output. */
  readonly fields: Readonly<Record<string, ErrorField>>;
}

/** Names the chunks of a list; `index` counts in the list requested. */
export interface ChunkLabels {
  label?: (index: number) => ChunkLabel;
}

export function wrongLength(
  { hash, size }: WantedChunk,
  announced: number,
  index: number,
  options: ChunkLabels,
): ChunkLengthError {
  const { text, fields } = labelOf(hash, index, options);
  return new ChunkLengthError(size, announced, text, { fields });
}

export function tooLong(
  hash: Uint8Array,
  announced: number,
  maxSize: number,
  index: number,
  options: ChunkLabels,
): ProtocolError {
  const { text, fields } = labelOf(hash, index, options);
  return new ProtocolError(
    `the holder announces ${announced} bytes for ${text}: the limit is ${maxSize}`,
    { fields: { ...fields, announced } },
  );
}

export function notFound(
  hash: Uint8Array,
  index: number,
  options: ChunkLabels,
): NotFoundError {
  const { text, fields } = labelOf(hash, index, options);
  return new NotFoundError(`the holder does not have ${text}`, { fields });
}

function labelOf(
  hash: Uint8Array,
  index: number,
  options: ChunkLabels,
): ChunkLabel {
  const hex = toHex(hash);
  const label = options.label?.(index);
  return {
    text: label?.text ?? `chunk ${hex}`,
    fields: { ...label?.fields, hash: hex },
  };
}
