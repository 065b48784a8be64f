import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { onWindows, unless } from "../../../tests/support/unless.ts";
import type { DirEntryKind } from "../../content/mod.ts";
import { plannedMode } from "../../landing/mod.ts";
import {
  MemoryStore,
  readManifestIn,
  storeDir,
  verifyDir,
} from "../../store/mod.ts";
import { connect, inTempDir } from "../testing/fixture.ts";
import { previewDir } from "./preview_fetch.ts";

const NAMES = ["a", "b", "a-b", "é", "z.txt"];

/** What a place of a tree can hold. */
type Thing = { dir: Spec } | { file: string; mode: number } | { link: string };
interface Spec {
  readonly [name: string]: Thing;
}

const mode = fc.constantFrom(0o644, 0o600, 0o755, 0o4755);
const file = fc.record({
  file: fc.constantFrom("", "x", "y", "content", "CONTENT"),
  mode,
});
const link = fc.record({ link: fc.constantFrom("a", "b", "a/b") });

function trees(depth: number): fc.Arbitrary<Spec> {
  const things: fc.Arbitrary<Thing>[] = [file, file, link];
  if (depth > 0) things.push(fc.record({ dir: trees(depth - 1) }));
  const thing = fc.oneof(...things);
  return fc.dictionary(fc.constantFrom(...NAMES), thing, { maxKeys: 4 });
}

function make(path: string, spec: Spec): void {
  Deno.mkdirSync(path);
  for (const [name, thing] of Object.entries(spec)) {
    const at = `${path}/${name}`;
    if ("dir" in thing) make(at, thing.dir);
    else if ("link" in thing) Deno.symlinkSync(thing.link, at);
    else {
      Deno.writeTextFileSync(at, thing.file);
      Deno.chmodSync(at, thing.mode);
    }
  }
}

/** The same tree with one place of it changed, or none. */
function changes(spec: Spec): fc.Arbitrary<Spec> {
  const names = Object.keys(spec);
  const added = fc.tuple(fc.constantFrom(...NAMES), fc.oneof(file, link))
    .map(([name, thing]) => ({ ...spec, [name]: thing }));
  if (names.length === 0) return fc.oneof(fc.constant(spec), added);
  const removed = fc.constantFrom(...names).map((name) => {
    const { [name]: _, ...rest } = spec;
    return rest;
  });
  return fc.oneof(fc.constant(spec), added, removed, trees(1));
}

const modesOf = (kind: DirEntryKind) => {
  const planned = plannedMode(kind, {});
  return planned === undefined ? [] : [planned];
};

Deno.test({
  ...unless(
    onWindows,
    "verifying a tree agrees with what a fetch would change of it, whatever the trees",
  ),
  async fn() {
    await using store = new MemoryStore();
    await using connection = connect(store);
    const pairs = trees(2).chain((spec) =>
      fc.tuple(fc.constant(spec), changes(spec))
    );
    let right = 0;
    await fc.assert(
      fc.asyncProperty(pairs, ([wanted, there]) =>
        inTempDir(async (dir) => {
          make(`${dir}/wanted`, wanted);
          make(`${dir}/out`, there);
          const { ref } = await storeDir(store, `${dir}/wanted`);
          const manifest = await readManifestIn(store, ref);
          if (manifest === undefined) throw new Error("it was stored");
          const out = `${dir}/out`;
          const { replaces, bytesToFetch } = await previewDir(
            connection.session,
            ref,
            out,
            { replace: true, links: "keep" },
          );
          const { isRight } = await verifyDir(out, manifest, { modesOf });
          // An empty target is in nobody's way, and is made whole in silence.
          const isEmpty = Object.keys(there).length === 0;
          const isSame = isEmpty ? Object.keys(wanted).length === 0 : !replaces;
          assertEquals(isRight, isSame);
          if (isRight) assertEquals(bytesToFetch, 0n);
          right += Number(isRight);
        })),
      { numRuns: 60 },
    );
    // Both answers were given.
    assertEquals(right > 0 && right < 60, true);
  },
});
