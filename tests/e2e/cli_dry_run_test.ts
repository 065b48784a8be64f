import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { blake3 } from "../../lib/content/mod.ts";
import { toHex } from "../../lib/text/hex.ts";
import type { HolderProcess } from "../../scripts/holder_process.ts";
import { noise } from "../../scripts/make_tree.ts";
import { runProgram, sourceProgram, words } from "../../scripts/program.ts";
import { cli, pathsIn, startHolder, test } from "../support/cli.ts";

const LARGE = 5 * 2 ** 20;

/** Everything below a directory, with sizes and times. */
async function listing(dir: string): Promise<string[]> {
  const lines = (await pathsIn(dir)).map(async (path) => {
    const { size, mtime, ino } = await Deno.lstat(join(dir, path));
    return `${path} ${size} ${mtime?.getTime()} ${ino}`;
  });
  return await Promise.all(lines);
}

/** A test with a holder of a file and a tree, and a directory to receive in. */
function holderTest(
  name: string,
  body: (holder: HolderProcess, place: string) => Promise<void>,
): void {
  test(name, async (dir) => {
    const tree = await dir.tree("tree", {
      "docs/large": noise(LARGE, 1),
      small: noise(10, 2),
      link: { link: "small" },
    });
    const blob = await dir.write("blob", noise(LARGE, 3));
    await using holder = await startHolder(dir.path, [blob, tree]);
    await body(holder, await dir.mkdir("place"));
  });
}

holderTest(
  "recv-blob --dry-run tells what would come, and writes nothing",
  async (holder, place) => {
    const [blob] = holder.refs;
    await Deno.writeTextFile(join(place, "old"), "old");
    await Deno.mkdir(join(place, "directory"));
    const before = await listing(place);
    const dryRun = (ref: string, out: string, format = "json") =>
      cli`recv-blob --dry-run --blob-ref ${ref} --out ${out}
      ${holder.attach()} --output ${format}`;

    const fresh = await dryRun(blob.ref, join(place, "no", "parent", "new"));
    assertEquals([fresh.code, fresh.stderr], [0, ""]);
    const { peer, peer_hex, out, ...found } = JSON.parse(fresh.stdout);
    assertEquals(Number(peer_hex), peer);
    assertEquals([typeof peer, out], ["number", join(place, "no/parent/new")]);
    assertEquals(found, {
      bytes: LARGE,
      dry_run: true,
      bytes_to_fetch: LARGE,
      bytes_reused: 0,
      chunks: 2,
      bytes_missing: 0,
      chunks_missing: 0,
      replaces: false,
      replaced: { files: 0, bytes: 0 },
    });

    const old = await dryRun(blob.ref, join(place, "old"), "text");
    assertStringIncludes(old.stdout, "5 MiB to fetch from node ");
    assertStringIncludes(old.stdout, "replaces what is there");

    const bare = toHex(blake3(noise(9, 9)));
    const lacking = await dryRun(bare, "-");
    assertEquals([lacking.code, lacking.stdout], [0, ""]);
    assertStringIncludes(lacking.stderr, "the fetch would fail");
    const { chunks, chunks_missing, ...rest } = JSON.parse(
      lacking.stderr.slice(lacking.stderr.indexOf("{")),
    );
    assertEquals([chunks, chunks_missing], [1, 1]);
    assertEquals(["bytes" in rest, "bytes_missing" in rest], [false, false]);

    const refused = await dryRun(blob.ref, join(place, "directory"));
    assertEquals([refused.code, refused.stdout], [1, ""]);
    assertEquals(await listing(place), before);
  },
);

holderTest(
  "recv-dir --dry-run tells what would come, and needs no permission to write",
  async (holder, place) => {
    const [, tree] = holder.refs;
    await Deno.mkdir(join(place, "old"));
    await Deno.symlink("nowhere", join(place, "dangling"));
    const before = await listing(place);
    const program = sourceProgram(["-A", "--deny-write"]);
    const dryRun = (name: string, ...more: string[]) =>
      runProgram(
        program,
        words`recv-dir --dry-run --remote-ref ${tree.ref}
        --out ${place}/${name} ${holder.attach()} --output json ${more}`,
      );
    const expected = {
      files: 2,
      dirs: 1,
      symlinks: 1,
      bytes: LARGE + 10,
      dry_run: true,
      bytes_to_fetch: LARGE + 10,
      bytes_reused: 0,
      chunks: 3,
      bytes_missing: 0,
      chunks_missing: 0,
      replaces: true,
      replaced: { files: 0, bytes: 0 },
    };
    const whole = await dryRun("old");
    assertEquals([whole.code, whole.stderr], [0, ""]);
    const { peer: _, peer_hex: __, out: ___, ...found } = JSON.parse(
      whole.stdout,
    );
    assertEquals(found, expected);

    const part = await dryRun("a/b/new", "--exclude", "large");
    const { peer, peer_hex, out, ...filtered } = JSON.parse(part.stdout);
    assertEquals([Number(peer_hex), typeof out], [peer, "string"]);
    assertEquals(filtered, {
      ...expected,
      ...{ files: 1, bytes: 10, bytes_to_fetch: 10, chunks: 1 },
      ...{ replaces: false, filtered: true },
    });

    for (const name of ["dangling", ".."]) {
      const refused = await dryRun(name);
      assertEquals([refused.code, refused.stdout], [3, ""], name);
    }
    assertEquals(await listing(place), before);
  },
);
