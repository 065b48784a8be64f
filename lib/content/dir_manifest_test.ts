import {
  assert,
  assertEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import fc from "fast-check";
import { ManifestError } from "../errors.ts";
import { encodeBlobRef, makeSmall } from "./blob_ref.ts";
import {
  checkManifestStart,
  decodeDirManifest,
  type DirManifest,
  DirManifestEncoder,
  encodeDirManifest,
  indexDirEntries,
  readDirEntries,
  readDirEntry,
} from "./dir_manifest.ts";
import { blake3 } from "./hash.ts";
import { fromHex, toHex } from "../text/hex.ts";
import { anyDirManifest, mutated } from "./testing/arbitraries.ts";

const STORE = new URL(
  "../../tests/vectors/store/dataforts/blob/",
  import.meta.url,
);
const WORKED_HASH =
  "60c07d545018e148665721e63e1e82f5dae9f0a422f40108c3420cda877c88b9";

function leaf(text: string): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  const hash = blake3(bytes);
  return encodeBlobRef(makeSmall(`mesh://${toHex(hash)}`, hash, bytes.length));
}

/**
 * `docs/`, `docs/a.txt` = `hello\n`, `link` → `docs/a.txt`, as the reference
 * reads it from disk.
 */
const WORKED: DirManifest = {
  version: 1,
  entries: [
    { path: "docs", kind: { type: "dir", mode: 0o40755 } },
    {
      path: "docs/a.txt",
      kind: { type: "file", mode: 0o100644, blob: leaf("hello\n") },
    },
    { path: "link", kind: { type: "symlink", target: "docs/a.txt" } },
  ],
};

Deno.test("decodeDirManifest tells what else the reference may be of", () => {
  for (const text of ["", "hello", "\u0001\u0005hello"]) {
    const error = assertThrows(
      () => decodeDirManifest(new TextEncoder().encode(text)),
      ManifestError,
    );
    assertStringIncludes(error.hint ?? "", "recv-blob");
  }
});

/** Each manifest, or its hex, is refused with this message. */
function refuses(...cases: [manifest: Uint8Array | string, message: string][]) {
  for (const [manifest, message] of cases) {
    const bytes = typeof manifest === "string" ? fromHex(manifest) : manifest;
    const error = assertThrows(() => decodeDirManifest(bytes), ManifestError);
    assertEquals(error.message, `dir transfer: bad manifest: ${message}`);
  }
}

const END = "decode: Hit the end of buffer, expected more data";

Deno.test("encodeDirManifest writes the bytes that the reference stored", async () => {
  const stored = await Deno.readFile(
    new URL(`${WORKED_HASH}/v0000000001/dat`, STORE),
  );
  const bytes = encodeDirManifest(WORKED);
  assertEquals(toHex(bytes), toHex(stored));
  assertEquals(toHex(blake3(bytes)), WORKED_HASH);
  assertEquals(decodeDirManifest(stored), WORKED);
});

Deno.test("encodeDirManifest writes an empty directory as two bytes", () => {
  const bytes = encodeDirManifest({ version: 1, entries: [] });
  assertEquals(toHex(bytes), "0100");
  assertEquals(
    toHex(blake3(bytes)),
    "687376c930d7020a32f04c396fc2e5eab49cd09a738fa03d573033416a6a47ce",
  );
});

Deno.test("encodeDirManifest writes bare permission bits as they are", () => {
  const blob = encodeBlobRef(
    makeSmall("mesh://x", new Uint8Array(32).fill(7), 3),
  );
  const bytes = encodeDirManifest({
    version: 1,
    entries: [
      { path: "dir", kind: { type: "dir", mode: 0o755 } },
      { path: "dir/file.txt", kind: { type: "file", mode: 0o644, blob } },
      { path: "link", kind: { type: "symlink", target: "dir/file.txt" } },
    ],
  });
  assertEquals(
    toHex(bytes),
    "01030364697201ed030c6469722f66696c652e74787400a40335b0b1b2b3010707070707070707070707070707070707070707070707070707070707070707" +
      "03000000000000006d6573683a2f2f78046c696e6b020c6469722f66696c652e747874",
  );
});

Deno.test("all ways to read a manifest give back what was written", () => {
  fc.assert(fc.property(anyDirManifest(), (manifest) => {
    const bytes = encodeDirManifest(manifest);
    assertEquals(decodeDirManifest(bytes), manifest);
    const { entries } = manifest;
    assertEquals([...readDirEntries(bytes)], entries);
    const starts = [...indexDirEntries(bytes)];
    assertEquals(starts.map((start) => readDirEntry(bytes, start)), entries);
  }));
});

Deno.test("decodeDirManifest gives references as views of its input", () => {
  const bytes = encodeDirManifest(WORKED);
  const { kind } = decodeDirManifest(bytes).entries[1];
  assert(kind.type === "file" && kind.blob.buffer === bytes.buffer);
});

Deno.test("decodeDirManifest ignores bytes after the manifest", () => {
  assertEquals(decodeDirManifest(fromHex("0100ff")).entries, []);
});

Deno.test("decodeDirManifest refuses what is no manifest, its version last", () => {
  refuses(
    ["", END],
    ["0101", END],
    ["010101ff01ed03", "decode: Tried to parse invalid utf-8"],
    ["0101016103", "decode: Serde Deserialization Error"],
    [
      "0101016101ffffffffff01",
      "decode: Found a varint that didn't terminate. Is the usize too big for this platform?",
    ],
    ["0200", "unsupported manifest version 2"],
    ["0201", END],
  );
});

Deno.test("decodeDirManifest refuses more entries or bytes than we load, and allocates for none that are not there", () => {
  const one = "016101ed03";
  refuses(
    ["018092f401" + one, END],
    ["018192f401" + one, "4000001 entries exceed the limit of 4000000"],
    [
      new Uint8Array(512 * 1024 * 1024 + 1),
      "536870913 bytes exceed the limit of 536870912",
    ],
  );
});

Deno.test("decodeDirManifest, readDirEntries and indexDirEntries refuse the same bytes with the same words", () => {
  const bytes = fc.oneof(
    fc.uint8Array(),
    mutated(anyDirManifest(), encodeDirManifest),
  );
  fc.assert(
    fc.property(bytes, (bytes) => {
      let manifest;
      try {
        manifest = decodeDirManifest(bytes);
      } catch (error) {
        if (!(error instanceof ManifestError)) throw error;
        const { message } = error;
        assertThrows(() => [...readDirEntries(bytes)], ManifestError, message);
        assertThrows(() => indexDirEntries(bytes), ManifestError, message);
        return;
      }
      assertEquals(decodeDirManifest(encodeDirManifest(manifest)), manifest);
      assertEquals(indexDirEntries(bytes).length, manifest.entries.length);
    }),
    { numRuns: 1000 },
  );
});

Deno.test("DirManifestEncoder gives the bytes of encodeDirManifest, in any parts", () => {
  fc.assert(
    fc.property(anyDirManifest(), fc.nat(3), (manifest, every) => {
      const { entries } = manifest;
      const encoder = new DirManifestEncoder(entries.length);
      const parts: number[] = [];
      for (const [index, entry] of entries.entries()) {
        encoder.add(entry);
        if (index % (every + 1) === 0) parts.push(...encoder.take());
      }
      const { length } = encoder;
      const last = encoder.take();
      assertEquals(last.length, length);
      parts.push(...last);
      const whole = encodeDirManifest({ version: 1, entries });
      assertEquals(new Uint8Array(parts), whole);
    }),
    { numRuns: 50 },
  );
});

Deno.test("checkManifestStart passes every beginning of every manifest", () => {
  const property = fc.property(anyDirManifest(), fc.nat(), (manifest, cut) => {
    const bytes = encodeDirManifest(manifest);
    const start = bytes.subarray(0, 1 + cut % bytes.length);
    checkManifestStart(start, bytes.length);
  });
  fc.assert(property, { numRuns: 200 });
});

Deno.test("checkManifestStart tells what is no manifest by its first bytes", () => {
  const size = 2 ** 30;
  const text = new TextEncoder().encode("\u0001 a file ".repeat(99));
  for (const start of [text, new Uint8Array(4096), fromHex("01ffffff7f")]) {
    assertThrows(() => checkManifestStart(start, size), ManifestError);
  }
  // Random bytes mostly count more entries than there can be.
  for (const start of ["7fded7e77e", "7f8092f402ff"]) {
    const error = assertThrows(
      () => checkManifestStart(fromHex(start), size),
      ManifestError,
    );
    assertStringIncludes(error.hint ?? "", "recv-blob");
  }
  checkManifestStart(fromHex("0101"), size);
  const empty = fromHex("0100");
  assertThrows(() => checkManifestStart(empty, size), ManifestError);
  checkManifestStart(empty, empty.length);
});
