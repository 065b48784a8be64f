/** The program with no more permissions than it needs. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";

import { noise } from "../../scripts/make_tree.ts";
import { runProgram, sourceProgram, words } from "../../scripts/program.ts";
import {
  assertSameTree,
  cli,
  failureOf,
  startHolder,
  test,
} from "../support/cli.ts";

const TREE = {
  "a/hello": "hello\n",
  "a/b/large": noise(5 * 2 ** 20, 1),
  run: noise(100, 2),
};

test(
  "recv-dir and recv-blob need no more than the socket and the parent of the target",
  async (dir) => {
    const tree = await dir.tree("tree", TREE);
    await Deno.chmod(join(tree, "run"), 0o755);
    const content = noise(5 * 2 ** 20, 3);
    const paths = [tree, await dir.write("blob", content)];
    await using holder = await startHolder(dir.path, paths);
    const parent = await Deno.realPath(await dir.mkdir("target"));
    const psk = join(parent, "node.psk");
    await Deno.rename(holder.pskFile, psk);
    const sandboxed = sourceProgram([
      "--no-prompt",
      `--allow-net=0.0.0.0:0,${holder.address}`,
      `--allow-read=${parent}`,
      `--allow-write=${parent}`,
    ]);
    const receive = (what: string, at: number, out: string) =>
      runProgram(
        sandboxed,
        words`${what.split(" ")} ${holder.refs[at].ref} --out ${out}
        ${holder.attach(["--psk-file", psk])} --output json`,
      );
    const fetched = await receive("recv-dir --remote-ref", 0, `${parent}/tree`);
    assertEquals([fetched.code, fetched.stderr], [0, ""]);
    await assertSameTree(tree, join(parent, "tree"));

    const blob = await receive("recv-blob --blob-ref", 1, `${parent}/blob`);
    assertEquals([blob.code, blob.stderr], [0, ""]);
    assertEquals(await Deno.readFile(join(parent, "blob")), content);

    const outside = dir.at("outside");
    const failure = failureOf(
      await receive("recv-blob --blob-ref", 1, outside),
    );
    assertEquals([failure.exit_code, failure.kind], [3, "permission"]);
  },
);

test(
  "links and set-id bits are treated as asked, and what the sandbox forbids is said before anything is fetched",
  async (dir) => {
    const tree = await dir.tree("tree", {
      "a/file": "file",
      run: "run",
      "a/inside": { link: "../run" },
    });
    await Deno.chmod(join(tree, "run"), 0o6755);
    const leaving = await dir.tree("leaving", {
      file: "file",
      out: { link: "../victim" },
      through: { link: "out/deeper" },
    });
    await using holder = await startHolder(dir.path, [tree, leaving]);
    const parent = await Deno.realPath(await dir.mkdir("target"));
    const psk = join(parent, "node.psk");
    await Deno.rename(holder.pskFile, psk);
    const scoped = [`--allow-read=${parent}`, `--allow-write=${parent}`];
    const unscoped = ["--allow-read", "--allow-write"];
    const receive = (grants: string[], at: number, out: string, how: string) =>
      runProgram(
        sourceProgram([
          "--no-prompt",
          `--allow-net=0.0.0.0:0,${holder.address}`,
          ...grants,
        ]),
        words`recv-dir --remote-ref ${holder.refs[at].ref} --out
          ${join(parent, out)} ${how.split(" ")}
          ${holder.attach(["--psk-file", psk])} --output json`,
      );
    const names = () => [...Deno.readDirSync(parent)].map(({ name }) => name);

    // The runtime lets nobody with scoped permissions make a link.
    for (const policy of ["inside", "keep"]) {
      const run = await receive(scoped, 0, "none", `--links ${policy}`);
      const { kind, hint, exit_code } = failureOf(run);
      assertEquals([exit_code, kind], [3, "permission"]);
      assertStringIncludes(hint ?? "", "--links skip");
    }
    assertEquals(names(), ["node.psk"]);

    const masked = await receive(scoped, 0, "masked", "--links skip");
    assertEquals([masked.code, masked.stderr], [0, ""]);
    const modeOf = (path: string) =>
      (Deno.lstatSync(join(parent, path)).mode ?? 0) & 0o7777;
    assertEquals(modeOf("masked/run"), 0o755);
    const inA = [...Deno.readDirSync(join(parent, "masked", "a"))];
    assertEquals(inA.map(({ name }) => name), ["file"]);
    const bits = "--links skip --preserve-setid";
    assertEquals((await receive(scoped, 0, "bits", bits)).code, 0);
    assertEquals(modeOf("bits/run"), 0o6755);

    const refused = failureOf(
      await receive(unscoped, 1, "leaving", "--links inside"),
    );
    assertEquals([refused.exit_code, refused.kind], [3, "unsafe_path"]);
    for (const other of ["--links keep", "--links skip"]) {
      assertStringIncludes(refused.hint ?? "", other);
    }
    assertEquals(names().includes("leaving"), false);
    const kept = await receive(unscoped, 1, "leaving", "--links keep");
    assertEquals(kept.code, 0);
    assertStringIncludes(kept.stderr, "2 of 2 symbolic links lead out");
    const link = join(parent, "leaving", "out");
    assertEquals(Deno.readLinkSync(link), "../victim");
    const whole = await receive(unscoped, 0, "whole", "--links inside");
    assertEquals([whole.code, whole.stderr], [0, ""]);
    assertEquals(
      Deno.readLinkSync(join(parent, "whole", "a", "inside")),
      "../run",
    );
  },
);

test(
  "verify needs no more than to read what it checks, and the store",
  async (dir) => {
    const tree = await Deno.realPath(await dir.tree("tree", TREE));
    const store = dir.at("store");
    const { stdout } = await cli`send-dir ${tree} --store ${store}`;
    const { remote_ref: ref } = JSON.parse(stdout);
    const verify = (grants: string[], ...line: string[]) =>
      runProgram(
        sourceProgram(["--no-prompt", ...grants]),
        words`verify ${line} --output json`,
      );
    const tight = await verify([`--allow-read=${tree}`], ref, tree);
    assertEquals([tight.code, tight.stderr], [0, ""]);
    const both = [`--allow-read=${tree},${await Deno.realPath(store)}`];
    await Deno.writeTextFile(join(tree, "a", "hello"), "HELLO\n");
    const listed = await verify(both, ref, tree, "--store", store);
    const { entries } = JSON.parse(listed.stdout);
    assertEquals([listed.code, entries.length], [3, 1]);
    const whole = await verify(both, "--store", store, "--jobs", "2");
    assertEquals([whole.code, whole.stderr], [0, ""]);
  },
);

test(
  "send-dir and send-blob with --jobs 2 need no more than to read the source",
  async (dir) => {
    // Enough to start workers.
    const huge = noise(40 * 2 ** 20, 4);
    const tree = await Deno.realPath(
      await dir.tree("tree", { ...TREE, huge }),
    );
    const program = sourceProgram(["--no-prompt", `--allow-read=${tree}`]);
    const send = (jobs: number, verb: string, path: string) =>
      runProgram(program, words`${verb} ${path} --jobs ${jobs} --output json`);
    for (
      const [verb, path] of [["send-dir", tree], ["send-blob", `${tree}/huge`]]
    ) {
      const alone = await send(1, verb, path);
      assertEquals([alone.code, alone.stderr], [0, ""]);
      assertEquals(await send(2, verb, path), alone);
    }
  },
);
