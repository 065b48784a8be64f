import {
  responseHeaderLength,
  ResponseHeaderParser,
} from "../protocol/response_header.ts";
import { ProtocolError } from "../../errors.ts";
import {
  type ChunkLabels,
  notFound,
  type WantedChunk,
  wrongLength,
} from "./chunk_failure.ts";

/**
 * The response to a GetMany, headers and chunks behind each other, as far as it
 * has come. When its connection is lost, the rest comes with another request
 * for the chunks that are not whole, in the same shape.
 */
export class ManyResponse {
  readonly #wanted: readonly WantedChunk[];
  readonly #options: ChunkLabels;
  /** Where in the response each chunk begins. */
  readonly starts: number[] = [];
  /** Bytes of the whole response. */
  readonly length: number;
  /** Bytes of content in it. */
  readonly total: number;
  /** Bytes of content that were told of; those that come again are not. */
  content = 0;
  #filled = 0;
  /** Chunks whose headers are there and right. */
  #checked = 0;
  /** Bytes of those headers. */
  #headers = 0;

  constructor(wanted: readonly WantedChunk[], options: ChunkLabels) {
    this.#wanted = wanted;
    this.#options = options;
    let length = 0;
    let total = 0;
    for (const { size } of wanted) {
      length += responseHeaderLength(size);
      this.starts.push(length);
      length += size;
      total += size;
    }
    this.length = length;
    this.total = total;
  }

  /**
   * Forgets what is there of a chunk that is not whole.
   *
   * @returns The hashes still to be asked for, and where their response goes.
   */
  resume(): { hashes: Uint8Array[]; offset: number } {
    const last = this.#checked - 1;
    if (last >= 0 && this.#filled < this.starts[last] + this.#size(last)) {
      this.#headers -= responseHeaderLength(this.#size(last));
      this.#checked = last;
    }
    const next = this.#checked;
    this.#filled = next < this.#wanted.length
      ? this.starts[next] - responseHeaderLength(this.#size(next))
      : this.length;
    const hashes = this.#wanted.slice(next).map(({ hash }) => hash);
    return { hashes, offset: this.#filled };
  }

  /**
   * Takes it that `filled` bytes are there, and checks the headers among them.
   *
   * @returns How many bytes of content came that had not come before.
   */
  take(buffer: Uint8Array, filled: number): number {
    this.#filled = filled;
    this.#checkHeaders(buffer);
    const added = Math.max(0, filled - this.#headers - this.content);
    this.content += added;
    return added;
  }

  #size(index: number): number {
    return this.#wanted[index].size;
  }

  /** Each header must announce the length that is wanted there. */
  #checkHeaders(buffer: Uint8Array): void {
    const parser = new ResponseHeaderParser();
    for (; this.#checked < this.#wanted.length; this.#checked++) {
      const index = this.#checked;
      const { hash, size } = this.#wanted[index];
      const start = this.starts[index] - responseHeaderLength(size);
      if (start >= this.#filled) return;
      parser.reset();
      const length = parser.push(buffer.subarray(start, this.#filled));
      const header = parser.header;
      if (header === undefined) return;
      if (header.kind === "not_found") {
        throw notFound(hash, index, this.#options);
      }
      if (header.kind === "failed") {
        throw new ProtocolError("the holder's answer to GetMany is one to Rpc");
      }
      if (header.length !== size) {
        const { length } = header;
        throw wrongLength(this.#wanted[index], length, index, this.#options);
      }
      if (start + length !== this.starts[index]) {
        throw new ProtocolError(
          "a length in an answer is not in shortest form",
        );
      }
      this.#headers += length;
    }
  }
}
