import { crc32 } from "node:zlib";
import { SEND_URI } from "../../lib/content/mod.ts";
import { SourceStore } from "../../lib/store/mod.ts";
import { TempDir } from "../../scripts/temp_dir.ts";
import type { Attack } from "./attack.ts";

/**
 * The polynomial of CRC-32, as bits in the order in which they are divided: any
 * bytes have the same checksum with it and without it.
 */
const POLYNOMIAL = [0x41, 0x06, 0x71, 0xdb, 0x01];

export const attack: Attack = {
  name: "same_crc",
  claim: "A holder does not serve bytes that were written to a file later on.",
  async run() {
    await using dir = await TempDir.make();
    const bytes = new Uint8Array(1000).map((_, i) => i * 13);
    const path = await dir.write("a", bytes);
    await using store = await SourceStore.of([path]);
    const [{ ref }] = store.refs;
    if (ref.kind !== "small") throw new Error(`${SEND_URI} is no small one`);
    const other = bytes.slice();
    for (const [i, byte] of POLYNOMIAL.entries()) other[500 + i] ^= byte;
    if (crc32(bytes) !== crc32(other)) throw new Error("the sums differ");
    await Deno.writeFile(path, other);
    const served = await store.get(ref.hash);
    return {
      held: served === undefined,
      line: served === undefined
        ? "other bytes of the same CRC-32 were not served"
        : "other bytes of the same CRC-32 were served",
    };
  },
};
