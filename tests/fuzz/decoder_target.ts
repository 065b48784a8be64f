/** Targets that decode: bytes from outside become something, or are refused. */

import { PostcardError } from "../../lib/content/postcard.ts";
import { TransferError } from "../../lib/errors.ts";
import { TransportError } from "../../lib/wire/packet/transport_error.ts";
import type { Target } from "./engine.ts";

/** What a refusal says, without what it quotes; a bug throws something else. */
export function refusalOf(error: unknown): string {
  const refused = error instanceof TransferError ||
    error instanceof TransportError || error instanceof PostcardError;
  if (!refused) throw error;
  return error.message.replaceAll(
    /"[^"]*"|'[^']*'|\d+|\p{L}*[^\x20-\x7e]+/gu,
    "#",
  )
    .slice(0, 90);
}

/** The shape of a result, three levels deep. */
function shapeOf(value: unknown, depth = 0): string {
  if (value === undefined || value === null) return "-";
  if (typeof value === "string") return value === "" ? "s0" : "s";
  if (typeof value === "bigint" || typeof value === "number") {
    const size = Number(value).toString(2).length;
    return `n${size >> 3}`;
  }
  if (typeof value !== "object") return String(value);
  if (ArrayBuffer.isView(value)) return value.byteLength === 0 ? "b0" : "b";
  if (depth > 3) return "…";
  if (Array.isArray(value)) {
    const shapes = new Set(value.slice(0, 6).map((v) => shapeOf(v, depth + 1)));
    return `[${Math.min(value.length, 4)}${[...shapes].join()}]`;
  }
  return `{${
    Object.entries(value).map(([key, field]) =>
      key === "kind" || key === "type"
        ? shapeOf(field, 9) + String(typeof field === "string" ? field : "")
        : shapeOf(field, depth + 1)
    ).join()
  }}`;
}

/** A target that decodes: it gives something or refuses. */
export function decoder(
  name: string,
  decode: (bytes: Uint8Array<ArrayBuffer>) => unknown,
  seeds: () => Iterable<Uint8Array>,
  more: Partial<Target> = {},
): Target {
  return {
    name,
    seeds,
    run(bytes) {
      try {
        return shapeOf(decode(bytes as Uint8Array<ArrayBuffer>));
      } catch (error) {
        return refusalOf(error);
      }
    },
    ...more,
  };
}

export const text = (bytes: Uint8Array): string =>
  new TextDecoder().decode(bytes);
export const bytesOf = (...texts: string[]): Uint8Array[] =>
  texts.map((one) => new TextEncoder().encode(one));
