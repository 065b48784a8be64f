/** Files that change or vanish between being published and being fetched. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { noReplacing } from "../../lib/store/testing/replacing.ts";
import { type Finished, words } from "../../scripts/program.ts";
import {
  assertSameTree,
  cli,
  failureOf,
  startHolder,
  test,
} from "../support/cli.ts";

/** The structured part of a failure. */
function factsOf({ stderr }: Finished): Record<string, unknown> {
  return JSON.parse(stderr.trimEnd().split("\n").at(-1) ?? "").error;
}

test(
  "a fetch is told which file changed, and --keep-going takes the rest",
  async (dir) => {
    const tree = await dir.tree("tree", {
      changed: "before\n",
      gone: "there\n",
      kept: "kept\n",
    });
    await using holder = await startHolder(dir.path, [tree]);
    const [{ ref }] = holder.refs;
    await Deno.writeTextFile(`${tree}/changed`, "after!\n");
    await Deno.remove(`${tree}/gone`);
    const receive = (...more: string[]) =>
      cli`recv-dir --remote-ref ${ref} --out ${dir.at("out")}
        ${holder.attach()} --output json ${more}`;

    const failed1 = await receive();
    const { exit_code, kind, message } = failureOf(failed1);
    assertEquals([exit_code, kind], [3, "not_found"]);
    assertStringIncludes(message, "has changed since it was published");
    const { path, reason, successor } = factsOf(failed1);
    assertEquals([path, reason, successor], ["changed", "changed", undefined]);

    const { code, stdout, stderr } = await receive("--keep-going");
    assertEquals(code, 3);
    const { failed, files, bytes } = JSON.parse(stdout);
    assertEquals(failed, [
      { path: "changed", kind: "not_found", reason: "changed" },
      { path: "gone", kind: "not_found", reason: "gone" },
    ]);
    assertEquals([files, bytes], [1, 5]);
    assertStringIncludes(stderr, "2 files");
    const names = [...Deno.readDirSync(dir.at("out"))].map(({ name }) => name);
    assertEquals(names, ["kept"]);

    // What is missing is missed again: a part is never taken for the whole.
    await Deno.writeTextFile(`${tree}/changed`, "before\n");
    const again = await receive("--replace", "--keep-going");
    assertEquals(again.code, 3, again.stderr);
    assertEquals(JSON.parse(again.stdout).files, 2);
    // A file written anew is served for its content, where it can be told from
    // one that was moved there.
    await Deno.writeTextFile(`${tree}/gone`, "there\n");
    const other = await receive("--replace", "--keep-going");
    const expected = noReplacing === undefined ? 0 : 3;
    assertEquals(other.code, expected, other.stderr);
    await using anew = await startHolder(dir.path, [tree]);
    const { code: last, stderr: said } = await cli`recv-dir
      --remote-ref ${ref} --out ${dir.at("out")} --replace ${anew.attach()}`;
    assertEquals(last, 0, said);
    await assertSameTree(tree, dir.at("out"));
  },
);

test(
  "serve --refresh publishes again what has changed, and says under which reference",
  async (dir) => {
    const tree = await dir.tree("tree", {
      log: "one line\n",
      other: "other\n",
    });
    const readyFile = dir.at("ready.json");
    const args = words`${tree} --refresh --ready-file ${readyFile}`;
    await using holder = await startHolder(dir.path, args);
    const [{ ref }] = holder.refs;
    await Deno.writeTextFile(`${tree}/log`, "no line\n");
    const receive = (ref: string, ...more: string[]) =>
      cli`recv-dir --remote-ref ${ref} --out ${dir.at("out")}
        ${holder.attach()} --output json ${more}`;

    const { reason, successor, hint } = factsOf(await receive(ref));
    assertEquals(reason, "changed");
    assert(typeof successor === "string" && successor !== ref);
    assertStringIncludes(String(hint), successor);
    const ready = JSON.parse(await Deno.readTextFile(readyFile));
    assertEquals(ready.refs[0].ref, successor);

    const fetched = await receive(String(successor));
    assertEquals(fetched.code, 0, fetched.stderr);
    await assertSameTree(tree, dir.at("out"));
    // The old reference still brings what has not changed.
    const part = await receive(ref, "--keep-going", "--replace");
    assertEquals(JSON.parse(part.stdout).files, 1);
  },
);
