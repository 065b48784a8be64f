import { assert, assertEquals } from "@std/assert";
import { collectChunk, isChunkRecent, renewChunk } from "./chunk_age.ts";
import { makeTempDir } from "./testing/temp_tree.ts";

/** A chunk whose directory was last changed at a point in time. */
function chunkOf(dir: string, changed: number): string {
  const chunk = `${dir}/chunk`;
  Deno.mkdirSync(`${chunk}/v0000000001`, { recursive: true });
  Deno.writeTextFileSync(`${chunk}/v0000000001/dat`, "x");
  Deno.utimeSync(chunk, new Date(changed), new Date(changed));
  return chunk;
}

const recent = (since: number) => (at: string) => isChunkRecent(at, since);

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

Deno.test("a chunk that is not recent is removed, and nothing of it stays aside", () => {
  using dir = makeTempDir();
  const chunk = chunkOf(dir.path, 1000);
  assert(collectChunk(chunk, `${dir.path}/aside`, recent(2000)));
  assertEquals([...Deno.readDirSync(dir.path)], []);
});

Deno.test("a recent chunk stays where it is", () => {
  using dir = makeTempDir();
  const chunk = chunkOf(dir.path, 2000);
  assert(!collectChunk(chunk, `${dir.path}/aside`, recent(2000)));
  assert(exists(`${chunk}/v0000000001/dat`));
});

Deno.test("renewing makes a chunk recent, and tells when there is none", () => {
  using dir = makeTempDir();
  const chunk = chunkOf(dir.path, 1000);
  assert(!isChunkRecent(chunk, 2000));
  assert(renewChunk(chunk, true));
  assert(isChunkRecent(chunk, 2000));
  assert(!renewChunk(`${dir.path}/none`, true));
});

Deno.test("a chunk that is gone is no matter of this process", () => {
  using dir = makeTempDir();
  assert(isChunkRecent(`${dir.path}/none`, 0));
  assert(!collectChunk(`${dir.path}/none`, `${dir.path}/aside`, recent(0)));
});

Deno.test("a chunk that is stored again while it is removed stays", () => {
  using dir = makeTempDir();
  const chunk = chunkOf(dir.path, 1000);
  let looks = 0;
  // The writer comes between the first look and the move.
  assert(!collectChunk(chunk, `${dir.path}/aside`, () => looks++ > 0));
  assert(exists(`${chunk}/v0000000001/dat`));
});
