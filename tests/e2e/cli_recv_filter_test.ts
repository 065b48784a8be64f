import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { toHex } from "../../lib/text/hex.ts";
import { words } from "../../scripts/program.ts";
import { cli, pathsIn, SOME_KEY, startHolder, test } from "../support/cli.ts";
import { fileEntry, Stage } from "../support/stage.ts";

/** Stages a tree that climbs out of its target, beside a good file. */
async function stageHostile(dir: string): Promise<string> {
  await using stage = await Stage.open(dir);
  const blob = await stage.blob(new TextEncoder().encode("content"));
  const paths = ["../evil.log", "good.md"];
  return toHex(
    await stage.manifest(paths.map((path) => fileEntry(path, blob))),
  );
}

test(
  "recv-dir with patterns fetches a part, into a new directory only",
  async (dir) => {
    const tree = await dir.tree("tree", {
      "docs/a.md": "docs/a.md",
      "docs/a.log": "docs/a.log",
      "build/out.o": "build/out.o",
      "lib/deep/x.ts": "lib/deep/x.ts",
    });
    await Deno.chmod(join(tree, "lib"), 0o700);
    const place = await dir.mkdir("place");
    const rules = await dir.write("rules", "*.log\nbuild/\n");
    const hostile = await stageHostile(dir.at("store"));
    const args = words`${tree} --store ${dir.at("store")}`;
    await using holder = await startHolder(dir.path, args);
    const receive = (ref: string, name: string, ...patterns: string[]) =>
      cli`recv-dir --remote-ref ${ref} --out ${join(place, name)}
        ${holder.attach()} --output json ${patterns}`;
    const [{ ref }] = holder.refs;

    const excluded = await receive(ref, "one", "--exclude-from", rules);
    assertEquals([excluded.code, excluded.stderr], [0, ""]);
    const result = JSON.parse(excluded.stdout);
    assertEquals([result.files, result.dirs, result.bytes], [2, 3, 22]);
    assertEquals(result.filtered, true);
    assertEquals(
      await pathsIn(join(place, "one")),
      ["docs", "docs/a.md", "lib", "lib/deep", "lib/deep/x.ts"],
    );

    const included = await receive(ref, "two", "--include", "*.ts");
    assertEquals(JSON.parse(included.stdout).files, 1);
    assertEquals(
      await pathsIn(join(place, "two")),
      ["lib", "lib/deep", "lib/deep/x.ts"],
    );
    const { mode } = await Deno.stat(join(place, "two", "lib"));
    assertEquals((mode ?? 0) & 0o777, 0o700);

    const whole = await receive(ref, "three");
    assertEquals("filtered" in JSON.parse(whole.stdout), false);

    // Wherever the hostile entry is.
    const refused = await receive(hostile, "four", "--exclude", "*.log");
    assertEquals([refused.code, refused.stdout], [3, ""]);
    assertEquals(JSON.parse(refused.stderr).error.kind, "unsafe_path");
    assertEquals(
      (await pathsIn(place)).filter((name) => !name.includes("/")),
      ["one", "three", "two"],
    );
  },
);

test(
  "recv-dir with patterns refuses an existing target before it attaches",
  async (dir) => {
    await Deno.mkdir(dir.at("out"));
    const { code, stdout, stderr } = await cli`recv-dir --include *.md
      --remote-ref ${SOME_KEY} --out ${dir.at("out")} --psk-hex ${SOME_KEY}
      --node-addr 127.0.0.1:9 --node-pubkey ${SOME_KEY}`;
    assertEquals([code, stdout], [2, ""]);
    assertStringIncludes(stderr, "would replace all of it");
    assertEquals(await pathsIn(dir.path), ["out"]);
  },
);
