import { assertEquals } from "@std/assert";
import jsqr from "jsqr";
import { decodeTicket, encodeTicket } from "../../mesh/mod.ts";
import { drawQr, qrModules, qrRows } from "./qr_code.ts";

/** The package's types are those of another module system than its code. */
const readQr = jsqr as unknown as (
  pixels: Uint8ClampedArray,
  width: number,
  height: number,
) => { readonly data: string } | null;

const TICKET = encodeTicket({
  publicKey: new Uint8Array(32).fill(7),
  addresses: ["192.0.2.1:7700"],
  psk: new Uint8Array(32).fill(9),
  content: {
    kind: "dir",
    name: "photos",
    form: "inline",
    hash: new Uint8Array(32).fill(3),
    size: 123_456,
  },
});

/** Pixels of a half block: light is drawn. */
const HALVES: Record<string, [upper: number, lower: number]> = {
  "█": [255, 255],
  "▀": [255, 0],
  "▄": [0, 255],
  " ": [0, 0],
};

/** What a camera sees of a terminal that shows these rows, 3 pixels a module. */
function photograph(rows: readonly string[], invert = false) {
  const size = 3;
  const width = rows[0].length * size;
  const height = rows.length * 2 * size;
  const pixels = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const row = Math.floor(y / size);
      const half = HALVES[rows[row >> 1][Math.floor(x / size)]][row & 1];
      const shade = invert ? 255 - half : half;
      pixels.fill(shade, 4 * (y * width + x), 4 * (y * width + x) + 3);
    }
  }
  return { pixels, width, height };
}

function read(rows: readonly string[], invert = false): string | undefined {
  const { pixels, width, height } = photograph(rows, invert);
  return readQr(pixels, width, height)?.data;
}

Deno.test("what is drawn with half blocks is read as the ticket by another decoder, on dark terminals and light ones", () => {
  const rows = drawQr(qrModules(TICKET));
  for (const invert of [false, true]) {
    const text = read(rows, invert);
    assertEquals(decodeTicket(text ?? "nothing"), decodeTicket(TICKET));
  }
});

Deno.test("four light modules are around a code, on each side", () => {
  const modules = qrModules(TICKET);
  const size = modules.length;
  for (let at = 0; at < size; at++) {
    for (let edge = 0; edge < 4; edge++) {
      for (
        const [x, y] of [[at, edge], [edge, at], [at, size - 1 - edge], [
          size - 1 - edge,
          at,
        ]]
      ) assertEquals(modules[y][x], false);
    }
  }
  assertEquals(modules[4][4], true, "then comes the code");
});

Deno.test("a code is drawn where there is room, and as it was asked for", () => {
  const { length } = qrModules(TICKET);
  const high = Math.ceil(length / 2);
  const big = { columns: 200, rows: 100 };
  const low = { columns: 200, rows: high };
  const thin = { columns: length - 1, rows: 100 };
  const count = (
    ...args: Parameters<typeof qrRows> extends [string, ...infer R] ? R
      : never
  ) => qrRows(TICKET, ...args).length;
  assertEquals(count("never", big, 0), 0);
  assertEquals(count("auto", undefined, 0), 0);
  assertEquals(count("auto", big, 10), high);
  assertEquals(count("auto", low, 0), high);
  assertEquals(count("auto", low, 1), 0);
  assertEquals(count("auto", thin, 0), 0);
  assertEquals(count("always", low, 10), high);
  assertEquals(count("always", undefined, 10), high);
  assertEquals(qrRows(TICKET, "always", thin, 0), "narrow");
});
