/**
 * The messages of the procedure {@linkcode NODE_RATES}; their bytes are listed in
 * `tags.ts`.
 */

import { type PostcardReader, PostcardWriter } from "../../content/mod.ts";
import type { NodeRates } from "../../mesh/mod.ts";
import { decodeWhole } from "./decode_whole.ts";
import { ProtocolError } from "../../errors.ts";

/** Name of the procedure. */
export const NODE_RATES = "node.rates";

/** What is no limit. */
const NONE = 0;

function writeRate(writer: PostcardWriter, bytesPerSecond: number): void {
  writer.u64(Number.isFinite(bytesPerSecond) ? bytesPerSecond : NONE);
}

function readRate(reader: PostcardReader): number {
  const rate = reader.u64();
  if (rate > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new ProtocolError(`${rate} bytes per second are no rate`);
  }
  return Number(rate) === NONE ? Infinity : Number(rate);
}

/** Encodes a query: the limits that are to be changed, none to look at them. */
export function encodeRateQuery(change: Partial<NodeRates>): Uint8Array {
  const writer = new PostcardWriter();
  for (const rate of [change.total, change.session]) {
    writer.u8(rate === undefined ? 0 : 1);
    if (rate !== undefined) writeRate(writer, rate);
  }
  return writer.finish();
}

/** @throws {ProtocolError} When the bytes are not such a query. */
export function decodeRateQuery(bytes: Uint8Array): Partial<NodeRates> {
  return decodeWhole(bytes, "query of rates", (reader) => {
    const option = () => {
      const byte = reader.u8();
      if (byte > 1) throw new ProtocolError(`${byte} is no boolean`);
      return byte === 1 ? readRate(reader) : undefined;
    };
    const total = option();
    const session = option();
    return {
      ...(total !== undefined && { total }),
      ...(session !== undefined && { session }),
    };
  });
}

/** Encodes the limits as they are. */
export function encodeRates({ total, session }: NodeRates): Uint8Array {
  const writer = new PostcardWriter();
  writeRate(writer, total);
  writeRate(writer, session);
  return writer.finish();
}

/** @throws {ProtocolError} When the bytes are not two rates. */
export function decodeRates(bytes: Uint8Array): NodeRates {
  return decodeWhole(bytes, "rates of a node", (reader) => {
    const total = readRate(reader);
    return { total, session: readRate(reader) };
  });
}
