import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { compareTrees } from "../../scripts/compare_trees.ts";
import {
  HolderProcess,
  runProgram,
  sourceProgram,
} from "../../scripts/holder_process.ts";
import { noise } from "../../scripts/make_tree.ts";
import { withDir } from "./end_to_end.ts";

/** A tree without links: only unscoped permissions allow to make those. */
async function makeTree(dir: string): Promise<void> {
  await Deno.mkdir(join(dir, "a", "b"), { recursive: true });
  await Deno.writeTextFile(join(dir, "a", "hello"), "hello\n");
  await Deno.writeFile(join(dir, "a", "b", "large"), noise(5 * 2 ** 20, 1));
  await Deno.writeFile(join(dir, "run"), noise(100, 2), { mode: 0o755 });
}

Deno.test("recv-dir and recv-blob need no more than the socket and the parent of the target", () =>
  withDir(async (dir) => {
    await makeTree(join(dir, "tree"));
    await Deno.writeFile(join(dir, "blob"), noise(5 * 2 ** 20, 3));
    const paths = [join(dir, "tree"), join(dir, "blob")];
    await using holder = await HolderProcess.start(paths, { keys: dir });
    const parent = join(dir, "target");
    await Deno.mkdir(parent);
    await Deno.rename(join(dir, "node.psk"), join(parent, "node.psk"));
    const sandboxed = sourceProgram([
      "--no-prompt",
      `--allow-net=0.0.0.0:0,${holder.address}`,
      `--allow-read=${parent}`,
      `--allow-write=${parent}`,
    ]);
    const attach = holder.attach(["--psk-file", join(parent, "node.psk")]);
    const fetched = await runProgram(sandboxed, [
      ...["recv-dir", "--remote-ref", holder.refs[0].ref],
      ...["--out", join(parent, "tree"), ...attach],
    ]);
    assertEquals([fetched.code, fetched.stderr], [0, ""]);
    const { differences, files } = await compareTrees(
      join(dir, "tree"),
      join(parent, "tree"),
    );
    assertEquals([differences, files], [[], 3]);

    const blob = await runProgram(sandboxed, [
      ...["recv-blob", "--blob-ref", holder.refs[1].ref],
      ...["--out", join(parent, "blob"), ...attach],
    ]);
    assertEquals([blob.code, blob.stderr], [0, ""]);
    assertEquals(
      await Deno.readFile(join(parent, "blob")),
      await Deno.readFile(join(dir, "blob")),
    );

    const outside = await runProgram(sandboxed, [
      ...["recv-blob", "--blob-ref", holder.refs[1].ref],
      ...["--out", join(dir, "outside"), ...attach, "--output", "json"],
    ]);
    assertEquals(outside.code, 3, outside.stderr);
    assertEquals(JSON.parse(outside.stderr).error.kind, "permission");
  }));

Deno.test("send-dir and send-blob with --jobs 2 need no more than to read the source", () =>
  withDir(async (dir) => {
    const tree = join(dir, "tree");
    await makeTree(tree);
    // Enough to start workers.
    await Deno.writeFile(join(tree, "huge"), noise(40 * 2 ** 20, 4));
    const send = (jobs: string, verb: string, path: string) =>
      runProgram(sourceProgram(["--no-prompt", `--allow-read=${tree}`]), [
        ...[verb, path, "--jobs", jobs, "--output", "json"],
      ]);
    for (
      const [verb, path] of [["send-dir", tree], ["send-blob", `${tree}/huge`]]
    ) {
      const alone = await send("1", verb, path);
      assertEquals([alone.code, alone.stderr], [0, ""]);
      assertEquals(await send("2", verb, path), alone);
    }
  }));
