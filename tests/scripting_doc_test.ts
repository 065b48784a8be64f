/** docs/scripting.md names every result field, in the order it is printed. */

import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import {
  HolderProcess,
  runProgram,
  sourceProgram,
} from "../scripts/holder_process.ts";

const TEXT = await Deno.readTextFile(
  new URL("../docs/scripting.md", import.meta.url),
);

/** The fields that the section of a verb lists. */
function documented(verb: string): string[] {
  const section = TEXT.split(/^### /m).find((part) =>
    part.slice(0, part.indexOf("\n")).split(", ").includes(verb)
  );
  if (section === undefined) throw new Error(`no section for ${verb}`);
  return [...section.matchAll(/^\| `(\w+)`/gm)].map(([, field]) => field);
}

async function printed(...args: string[]): Promise<string[]> {
  const { code, stdout, stderr } = await runProgram(sourceProgram(), [
    ...args,
    ...["--output", "ndjson"],
  ]);
  assertEquals(code, 0, stderr);
  return Object.keys(JSON.parse(stdout));
}

Deno.test("results have the fields that docs/scripting.md names", async () => {
  const dir = await Deno.makeTempDir({ prefix: "net_transfer_doc_" });
  try {
    const [tree, store] = [join(dir, "tree"), join(dir, "store")];
    const file = join(tree, "file");
    const identity = join(dir, "id.toml");
    await Deno.mkdir(tree);
    await Deno.writeTextFile(file, "hello\n");
    assertEquals(
      await printed("send-blob", file, "--store", store),
      documented("send-blob"),
    );
    assertEquals(
      await printed("send-dir", tree, "--store", store),
      documented("send-dir"),
    );
    assertEquals(
      await printed(
        ...["identity", "generate", "--out", identity, "--note", "a note"],
      ),
      documented("identity generate"),
    );
    assertEquals(
      await printed("identity", "show", identity),
      documented("identity show"),
    );
    assertEquals(await printed("version"), documented("version"));

    await using holder = await HolderProcess.start([file, tree], { keys: dir });
    assertEquals(holder.fields, documented("serve"));
    const [blob, whole] = holder.refs;
    const attach = holder.attach();
    for (const how of [[], ["--dry-run"]]) {
      const named = (verb: string) => documented([verb, ...how].join(" "));
      const to = (name: string) => ["--out", join(dir, name), ...how];
      assertEquals(
        await printed(
          ...["recv-blob", "--blob-ref", blob.ref, ...to("copy"), ...attach],
        ),
        named("recv-blob"),
      );
      const part = ["--include", "file", ...to(`tree${how.length}`)];
      assertEquals(
        await printed(
          ...["recv-dir", "--remote-ref", whole.ref, ...part, ...attach],
        ),
        named("recv-dir"),
      );
    }
    assertEquals(await printed("ls", ...attach), documented("ls"));
    assertEquals(
      await printed("status", "1", ...attach),
      documented("status").filter((field) => field !== "transfer"),
    );
    assertEquals(
      await printed("cancel", "1", ...attach),
      documented("cancel"),
    );
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
