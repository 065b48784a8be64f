import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  blake3,
  type DirEntry,
  makeManifest,
  makeSmall,
  makeTree,
  REPLICATED,
} from "../../content/mod.ts";
import { ManifestError } from "../../errors.ts";
import { CHUNK_SIZE } from "../../limits.ts";
import { type DirWork, dirWork } from "./dir_work.ts";
import { fileEntry } from "../testing/fixture.ts";

function hashOf(seed: number): Uint8Array {
  const hash = new Uint8Array(32);
  new DataView(hash.buffer).setUint32(0, seed, true);
  return hash;
}

function file(seed: number, size: number): DirEntry {
  return fileEntry(`f${seed}`, makeSmall("", hashOf(seed), BigInt(size)));
}

function shapes(entries: DirEntry[], batchBytes: number): string[] {
  return [...dirWork(entries, batchBytes)].map((work: DirWork) =>
    work.kind === "batch"
      ? `batch of ${work.wanted.length} for ${work.pieces.length}: ${work.bytes}`
      : work.kind === "chunk"
      ? `chunk of ${work.piece.size}`
      : `tree at ${work.entry}`
  );
}

Deno.test("dirWork fills batches up to their bytes and their number", () => {
  const sizes = [300, 300, 300, 300, 1];
  assertEquals(shapes(sizes.map((size, i) => file(i, size)), 1000), [
    "batch of 3 for 3: 900",
    "batch of 2 for 2: 301",
  ]);
  const many = Array.from({ length: 600 }, (_, i) => file(i, 1));
  assertEquals(shapes(many, 1000), [
    "batch of 256 for 256: 256",
    "batch of 256 for 256: 256",
    "batch of 88 for 88: 88",
  ]);
});

Deno.test("dirWork asks for large chunks and for trees on their own", () => {
  const chunks = [
    { hash: hashOf(1), size: CHUNK_SIZE },
    { hash: hashOf(2), size: 7 },
  ];
  const entries = [
    file(0, 10),
    fileEntry("large", makeManifest("", REPLICATED, chunks)),
    { path: "dir", kind: { type: "dir" as const, mode: 0 } },
    fileEntry("tree", makeTree("", REPLICATED, hashOf(3), 100n, 1)),
    file(4, 501),
    file(5, 500),
  ];
  assertEquals(shapes(entries, 1000), [
    `chunk of ${CHUNK_SIZE}`,
    "tree at 3",
    "chunk of 501",
    "batch of 3 for 3: 517",
  ]);
});

Deno.test("dirWork asks once for what a batch needs twice, and never for nothing", () => {
  const empty = makeSmall("", blake3(new Uint8Array()), 0n);
  // The same beginning of the hash, not the same hash.
  const alike = hashOf(1);
  alike[31] = 9;
  const entries = [
    file(1, 10),
    fileEntry("empty", empty),
    file(1, 10),
    fileEntry("alike", makeSmall("", alike, 10n)),
    // The same hash with another size is a lie to be found out.
    file(1, 11),
  ];
  const [batch, ...rest] = dirWork(entries, 1000);
  assertEquals(rest, []);
  assert(batch.kind === "batch");
  if (batch.kind !== "batch") return;
  assertEquals(batch.places, [0, -1, 0, 1, 2]);
  assertEquals(batch.bytes, 31);
  assertEquals(batch.pieces.map(({ entry }) => entry), [0, 1, 2, 3, 4]);
});

Deno.test("dirWork refuses a file without a reference", () => {
  const blob = new Uint8Array([1, 2, 3]);
  const entry: DirEntry = { path: "x", kind: { type: "file", mode: 0, blob } };
  assertThrows(() => [...dirWork([entry], 1000)], ManifestError, "entry x");
});
