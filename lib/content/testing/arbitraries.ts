/**
 * fast-check arbitraries of the content formats, and bytes for tests.
 *
 * @module
 */

import fc from "fast-check";
import { CHUNK_MAX, CHUNK_SIZE } from "../../limits.ts";
import {
  type BlobRef,
  type Encoding,
  makeManifest,
  makeSmall,
  makeTree,
} from "../blob_ref.ts";
import type { DirEntryKind, DirManifest } from "../dir_manifest.ts";
import type { Stripe, TreeChunk, TreeNode } from "../tree_node.ts";

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
  return fc.oneof(
    fc.constant<Encoding>({ kind: "replicated" }),
    fc.tuple(fc.nat(255), fc.nat(255)).map(([k, m]): Encoding => ({
      kind: "reed_solomon",
      k,
      m,
    })),
  );
}

/** A reference of any kind that decodes. */
export function anyBlobRef(): fc.Arbitrary<BlobRef> {
  const small = fc.tuple(
    anyText(),
    anyHash(),
    fc.bigInt({ min: 0n, max: 1n << 34n }),
  ).map(([uri, hash, size]): BlobRef => makeSmall(uri, hash, size));
  const manifest = fc.tuple(
    anyText(),
    anyEncoding(),
    fc.array(anyHash(), { minLength: 1, maxLength: 6 }),
    fc.integer({ min: 1, max: CHUNK_SIZE }),
  ).map(([uri, encoding, hashes, last]): BlobRef =>
    makeManifest(
      uri,
      encoding,
      hashes.map((hash, i) => ({
        hash,
        size: i === hashes.length - 1 ? last : CHUNK_SIZE,
      })),
    )
  );
  const tree = fc.tuple(
    anyText(),
    anyEncoding(),
    anyHash(),
    fc.bigInt({ min: 128n ** 3n, max: 1n << 57n }),
    fc.integer({ min: 1, max: 4 }),
  ).map(([uri, encoding, hash, size, depth]): BlobRef =>
    makeTree(uri, encoding, hash, size, depth)
  );
  return fc.oneof(small, manifest, tree);
}

/** A manifest with any paths, safe or not. */
export function anyDirManifest(): fc.Arbitrary<DirManifest> {
  const mode = fc.nat(0xffff_ffff);
  const kind = fc.oneof(
    fc.tuple(mode, fc.uint8Array({ maxLength: 150 })).map((
      [mode, blob],
    ): DirEntryKind => ({ type: "file", mode, blob })),
    mode.map((mode): DirEntryKind => ({ type: "dir", mode })),
    anyText().map((target): DirEntryKind => ({ type: "symlink", target })),
  );
  const entry = fc.tuple(anyText(), kind).map(([path, kind]) => ({
    path,
    kind,
  }));
  return fc.array(entry, { maxLength: 12 }).map((entries) => ({
    version: 1,
    entries,
  }));
}

/** A valid node of a Tree. */
export function anyTreeNode(): fc.Arbitrary<TreeNode> {
  const size = fc.integer({ min: 1, max: CHUNK_MAX });
  const data = fc.tuple(anyHash(), size).map(([hash, size]): TreeChunk => ({
    hash,
    size,
  }));
  const parity = fc.tuple(data, fc.nat(255)).map(([chunk, parity]) => ({
    ...chunk,
    parity,
  }));
  const replicated = fc.array(data, { minLength: 1, maxLength: 4 }).map((
    chunks,
  ): Stripe => ({ encoding: { kind: "replicated" }, chunks }));
  const striped = fc.tuple(
    fc.array(data, { minLength: 1, maxLength: 4 }),
    fc.array(parity, { minLength: 1, maxLength: 3 }),
  ).map(([data, parity]): Stripe => ({
    encoding: { kind: "reed_solomon", k: data.length, m: parity.length },
    chunks: [...data, ...parity],
  }));
  const child = fc.tuple(anyHash(), fc.bigInt({ min: 1n, max: 1n << 57n })).map(
    (
      [hash, size],
    ) => ({ hash, size }),
  );
  return fc.oneof(
    fc.array(child, { minLength: 1, maxLength: 5 }).map((
      children,
    ): TreeNode => ({ kind: "internal", children })),
    fc.array(data, { minLength: 1, maxLength: 5 }).map((chunks): TreeNode => ({
      kind: "leaf",
      chunks,
    })),
    fc.array(fc.oneof(replicated, striped), { minLength: 1, maxLength: 3 }).map(
      (
        stripes,
      ): TreeNode => ({ kind: "erasure_leaf", stripes }),
    ),
  );
}

/** Encodings made by `encode` of what `values` gives, with some bytes changed, cut or added. */
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
    const joined = new Uint8Array(kept.length + tail.length);
    joined.set(kept);
    joined.set(tail, kept.length);
    return joined;
  });
}
