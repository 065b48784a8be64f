import { assertEquals } from "@std/assert";
import { blake3 } from "../content/mod.ts";
import { testAlone } from "../../tests/support/own_process.ts";
import { onWindows, unless } from "../../tests/support/unless.ts";
import { toHex } from "../text/hex.ts";
import { DiskStore } from "./disk_store.ts";
import { storeBlob } from "./store_blob.ts";
import { makeTempDir } from "./testing/temp_tree.ts";

/** The permission bits of everything in a directory, and of itself. */
function modesIn(path: string): Set<string> {
  const { mode, isDirectory } = Deno.lstatSync(path);
  const modes = new Set([
    `${isDirectory ? "dir" : "file"} ${((mode ?? 0) & 0o777).toString(8)}`,
  ]);
  if (!isDirectory) return modes;
  for (const { name } of Deno.readDirSync(path)) {
    for (const mode of modesIn(`${path}/${name}`)) modes.add(mode);
  }
  return modes;
}

async function fillStore(path: string): Promise<void> {
  await using store = await DiskStore.open(path);
  for (const length of [0, 5, 600_000]) {
    const file = `${path}.source`;
    await Deno.writeFile(file, new Uint8Array(length).fill(7));
    await storeBlob(store, file);
  }
}

const PRIVATE = new Set(["dir 700", "file 600"]);

Deno.test(
  unless(onWindows, "all of a new store is for its owner alone"),
  async () => {
    using temp = makeTempDir();
    const path = `${temp.path}/store`;
    await fillStore(path);
    assertEquals(modesIn(path), PRIVATE);
  },
);

Deno.test(
  unless(
    onWindows,
    "a root that everybody may read, as mkdir makes it, opens no chunk",
  ),
  async () => {
    using temp = makeTempDir();
    const path = `${temp.path}/store`;
    Deno.mkdirSync(path);
    Deno.chmodSync(path, 0o755);
    await fillStore(path);
    assertEquals(modesIn(`${path}/dataforts`), PRIVATE);
  },
);

testAlone(
  import.meta.url,
  unless(
    onWindows,
    "a store whose owner opened it goes on in his modes, also for a repaired chunk",
  ),
  async () => {
    Deno.umask(0o022);
    using temp = makeTempDir();
    const path = `${temp.path}/store`;
    const bytes = Uint8Array.of(1, 2, 3);
    const torn = `${path}/dataforts/blob/${toHex(blake3(bytes))}`;
    Deno.mkdirSync(torn, { recursive: true });
    for (const dir of [path, `${path}/dataforts`, `${path}/dataforts/blob`]) {
      Deno.chmodSync(dir, 0o750);
    }
    Deno.chmodSync(torn, 0o750);
    await fillStore(path);
    await using store = await DiskStore.open(path);
    await store.put(blake3(bytes), bytes);
    assertEquals(modesIn(path), new Set(["dir 750", "file 640"]));
  },
);
