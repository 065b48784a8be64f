import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { TransferError } from "../errors.ts";
import {
  type Blake3Backend,
  jitBackend,
  passesSelfTest,
  portableBackend,
  selectBackend,
} from "./blake3_backends.ts";
import {
  type Blake3,
  blake3,
  createBlake3,
  prepareNativeBlake3,
  prepareStreamingBlake3,
} from "./hash.ts";
import { toHex } from "../text/hex.ts";
import { patternBytes } from "./testing/arbitraries.ts";

interface Vectors {
  cases: { input_len: number; hash: string }[];
}

const vectors: Vectors = JSON.parse(
  await Deno.readTextFile(
    new URL("../../tests/vectors/blake3.json", import.meta.url),
  ),
);

/** Hashes in pieces that end at uneven places. */
function inPieces(hasher: Blake3, bytes: Uint8Array): Uint8Array {
  for (
    let start = 0, length = 1;
    start < bytes.length;
    length = length * 3 + 1
  ) {
    hasher.update(bytes.subarray(start, start + length));
    start += length;
  }
  return hasher.digest();
}

function givesVectors(
  hash: (bytes: Uint8Array) => Uint8Array,
  create: () => Blake3,
): void {
  for (const { input_len, hash: expected } of vectors.cases) {
    const input = patternBytes(input_len, 0, 1);
    assertEquals(toHex(hash(input)), expected, `${input_len} bytes`);
    assertEquals(toHex(inPieces(create(), input)), expected);
  }
}

Deno.test("every way to hash gives the official vectors", async () => {
  givesVectors(blake3, createBlake3);
  givesVectors(portableBackend.hash, portableBackend.create);
  await prepareStreamingBlake3();
  givesVectors(blake3, createBlake3);
});

Deno.test("blake3 does not depend on where in memory the bytes are", () => {
  const memory = patternBytes(20_003);
  for (const length of [5, 1024, 4096, 4099, 20_000]) {
    const expected = portableBackend.hash(memory.slice(0, length));
    for (const offset of [0, 1, 2, 3]) {
      const moved = new Uint8Array(length + offset);
      moved.set(memory.subarray(0, length), offset);
      assertEquals(blake3(moved.subarray(offset)), expected);
    }
  }
});

Deno.test("blake3 hashes a full chunk like the portable backend", () => {
  const chunk = patternBytes(4_194_304);
  const hash = blake3(chunk);
  assertEquals(hash, inPieces(createBlake3(), chunk));
  assertEquals(hash, portableBackend.hash(chunk));
});

Deno.test("createBlake3 keeps hashers apart that take turns, prepared or not", async () => {
  for (const prepare of [false, true]) {
    if (prepare) await prepareStreamingBlake3();
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(2), fc.uint8Array({ maxLength: 3000 })), {
          maxLength: 12,
        }),
        (pieces) => {
          const hashers = [createBlake3(), createBlake3(), createBlake3()];
          for (const [which, bytes] of pieces) hashers[which].update(bytes);
          hashers.forEach((hasher, which) => {
            const own = pieces.filter(([owner]) => owner === which);
            const joined = new Uint8Array(
              own.flatMap(([, bytes]) => [...bytes]),
            );
            assertEquals(hasher.digest(), blake3(joined));
          });
        },
      ),
      { numRuns: 40 },
    );
  }
});

Deno.test("a hasher ends with its digest", () => {
  for (const hasher of [createBlake3(), portableBackend.create()]) {
    hasher.digest();
    assertThrows(() => hasher.digest(), TypeError, "digest was taken");
    assertThrows(() => hasher.update(new Uint8Array(1)), TypeError);
  }
});

Deno.test("selectBackend passes over a backend that is wrong for large inputs", () => {
  const wrong: Blake3Backend = {
    ...jitBackend,
    hash: (bytes) =>
      bytes.length < 4096 ? jitBackend.hash(bytes) : new Uint8Array(32),
  };
  assert(!passesSelfTest(wrong));
  assertEquals(selectBackend([wrong, portableBackend]), portableBackend);
});

Deno.test("selectBackend passes over a backend that throws", () => {
  const broken: Blake3Backend = {
    ...jitBackend,
    create: () => {
      throw new WebAssembly.CompileError("no SIMD");
    },
  };
  assertEquals(selectBackend([broken, portableBackend]), portableBackend);
  const error = assertThrows(() => selectBackend([broken]), TransferError);
  assertEquals(error.kind, "internal");
});

Deno.test("machine code, once it is loaded, is used for whatever is hashed then, and gives the official vectors", async () => {
  const before = createBlake3();
  before.update(new Uint8Array(3));
  assert(await prepareNativeBlake3());
  givesVectors(blake3, createBlake3);
  await prepareStreamingBlake3();
  givesVectors(blake3, createBlake3);
  assertEquals(before.digest(), blake3(new Uint8Array(3)));
  const { buffer } = new Uint8Array(70_000).map((_, at) => at % 251);
  for (const offset of [0, 1, 2, 3, 60_000]) {
    const bytes = new Uint8Array(buffer, offset, 9_000);
    assertEquals(blake3(bytes), portableBackend.hash(bytes), `${offset}`);
  }
});
