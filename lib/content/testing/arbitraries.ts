/** fast-check arbitraries of the content formats, and bytes for tests. */

import fc from "fast-check";
import { CHUNK_MAX, CHUNK_SIZE } from "../../limits.ts";
import {
  type BlobRef,
  type Encoding,
  makeManifest,
  makeSmall,
  makeTree,
  REPLICATED,
} from "../blob_ref.ts";
import type { DirManifest } from "../dir_manifest.ts";
import type { Stripe, TreeNode } from "../tree_node.ts";

/** Bytes `(step·i + seed) mod 251`, the generator of the public vectors. */
export function patternBytes(
  length: number,
  seed = 0,
  step = 31,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = (step * i + seed) % 251;
  return bytes;
}

/** Any text without lone surrogates, astral ones and U+FEFF included. */
export function anyText(maxLength = 40): fc.Arbitrary<string> {
  const special = ["/", ".", "\0", "\ufeff", "\ue000", "\u{1f600}", "é"];
  const unit = fc.nat(0x11_0000 + 2000).map((n) => {
    if (n > 0x10_ffff) return special[n % special.length];
    return String.fromCodePoint(n >= 0xd800 && n <= 0xdfff ? n - 0xd7a0 : n);
  });
  return fc.array(unit, { maxLength }).map((units) => units.join(""));
}

/** A 32-byte hash. */
export function anyHash(): fc.Arbitrary<Uint8Array> {
  return fc.uint8Array({ minLength: 32, maxLength: 32 });
}

/** An encoding. */
export function anyEncoding(): fc.Arbitrary<Encoding> {
  const kind = fc.constant("reed_solomon" as const);
  return fc.oneof(
    fc.constant<Encoding>({ kind: "replicated" }),
    fc.record({ kind, k: fc.nat(255), m: fc.nat(255) }),
  );
}

/** A reference of any kind that decodes. */
export function anyBlobRef(): fc.Arbitrary<BlobRef> {
  const size = fc.bigInt({ min: 0n, max: 1n << 34n });
  const hashes = fc.array(anyHash(), { minLength: 1, maxLength: 6 });
  const last = fc.integer({ min: 1, max: CHUNK_SIZE });
  const total = fc.bigInt({ min: 128n ** 3n, max: 1n << 57n });
  const depth = fc.integer({ min: 1, max: 4 });
  return fc.oneof(
    fc.tuple(anyText(), anyHash(), size).map((parts) => makeSmall(...parts)),
    fc.tuple(anyText(), anyEncoding(), hashes, last).map((
      [uri, encoding, hashes, last],
    ) => {
      const chunks = hashes.map((hash) => ({ hash, size: CHUNK_SIZE }));
      chunks[chunks.length - 1].size = last;
      return makeManifest(uri, encoding, chunks);
    }),
    fc.tuple(anyText(), anyEncoding(), anyHash(), total, depth)
      .map((parts) => makeTree(...parts)),
  );
}

/** A manifest with any paths, safe or not. */
export function anyDirManifest(): fc.Arbitrary<DirManifest> {
  const type = <T extends string>(name: T) => fc.constant(name);
  const mode = fc.nat(0xffff_ffff);
  const blob = fc.uint8Array({ maxLength: 150 });
  const kind = fc.oneof(
    fc.record({ type: type("file"), mode, blob }),
    fc.record({ type: type("dir"), mode }),
    fc.record({ type: type("symlink"), target: anyText() }),
  );
  const entry = fc.record({ path: anyText(), kind });
  const entries = fc.array(entry, { maxLength: 12 });
  return fc.record({ version: fc.constant(1), entries });
}

/** A valid node of a Tree. */
export function anyTreeNode(): fc.Arbitrary<TreeNode> {
  const some = <T>(item: fc.Arbitrary<T>, maxLength: number) =>
    fc.array(item, { minLength: 1, maxLength });
  const size = fc.integer({ min: 1, max: CHUNK_MAX });
  const data = fc.record({ hash: anyHash(), size });
  const parity = fc.record({ hash: anyHash(), size, parity: fc.nat(255) });
  const stripe = fc.oneof(
    some(data, 4).map((chunks): Stripe => ({ encoding: REPLICATED, chunks })),
    fc.tuple(some(data, 4), some(parity, 3)).map(([data, parity]): Stripe => ({
      encoding: { kind: "reed_solomon", k: data.length, m: parity.length },
      chunks: [...data, ...parity],
    })),
  );
  const child = fc.record({
    hash: anyHash(),
    size: fc.bigInt({ min: 1n, max: 1n << 57n }),
  });
  return fc.oneof(
    some(child, 5).map((children): TreeNode => ({
      kind: "internal",
      children,
    })),
    some(data, 5).map((chunks): TreeNode => ({ kind: "leaf", chunks })),
    some(stripe, 3).map((stripes): TreeNode => ({
      kind: "erasure_leaf",
      stripes,
    })),
  );
}

/**
 * Encodings made by `encode` of what `values` gives, with some bytes changed,
 * cut or added.
 */
export function mutated<T>(
  values: fc.Arbitrary<T>,
  encode: (value: T) => Uint8Array,
): fc.Arbitrary<Uint8Array> {
  const edit = fc.tuple(
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.nat(255),
  );
  return fc.tuple(
    values,
    fc.array(edit, { maxLength: 4 }),
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.uint8Array({ maxLength: 8 }),
  ).map(([value, edits, cut, tail]) => {
    const bytes = encode(value).slice();
    for (const [place, byte] of edits) {
      bytes[Math.floor(place * bytes.length)] = byte;
    }
    // Half of the encodings keep their full length.
    const kept = bytes.subarray(
      0,
      Math.ceil(bytes.length * Math.min(1, 2 * cut)),
    );
    return new Uint8Array([...kept, ...tail]);
  });
}
