import { assertEquals } from "@std/assert";
import { join } from "@std/path";
/** Without links: only unscoped permissions allow to make those. */

import { noise } from "../../scripts/make_tree.ts";
import { runProgram, sourceProgram, words } from "../../scripts/program.ts";
import {
  assertSameTree,
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
