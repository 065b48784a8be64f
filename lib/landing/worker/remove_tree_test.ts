import { assertEquals } from "@std/assert";
import { namesIn, test } from "../testing/trees.ts";
import { removeTree } from "./remove_tree.ts";

test("removeTree removes files, links and trees, follows nothing, and takes absence for done", (dir) => {
  Deno.mkdirSync(`${dir}/tree/deep`, { recursive: true });
  Deno.mkdirSync(`${dir}/kept`);
  Deno.writeTextFileSync(`${dir}/kept/file`, "");
  Deno.writeTextFileSync(`${dir}/file`, "");
  Deno.symlinkSync("../../kept", `${dir}/tree/deep/link`);
  Deno.symlinkSync("kept", `${dir}/link`);
  for (const name of ["tree", "file", "link", "none"]) {
    removeTree(`${dir}/${name}`);
  }
  assertEquals(namesIn(dir), ["kept"]);
  assertEquals(namesIn(`${dir}/kept`), ["file"]);
});

test("removeTree empties directories whose mode forbids it to their own owner", async (dir) => {
  Deno.chmodSync(dir, 0o755);
  const tree = `${dir}/home/tree`;
  Deno.mkdirSync(`${tree}/a/b`, { recursive: true });
  Deno.writeTextFileSync(`${tree}/a/b/file`, "");
  const root = Deno.uid() === 0;
  if (root) {
    for (
      const path of [
        "home",
        "home/tree",
        "home/tree/a",
        "home/tree/a/b",
        "home/tree/a/b/file",
      ]
    ) {
      Deno.chownSync(`${dir}/${path}`, 65534, 65534);
    }
  }
  for (const path of ["a/b", "a", ""]) {
    Deno.chmodSync(`${tree}/${path}`, 0o500);
  }
  if (!root) {
    removeTree(tree);
  } else {
    await removeAs(65534, tree, `${dir}/home`);
  }
  assertEquals(namesIn(`${dir}/home`).filter((name) => name !== "deno"), []);
});

/** Root may do everything: the modes count for another user only. */
async function removeAs(
  uid: number,
  tree: string,
  home: string,
): Promise<void> {
  const copies = `${home}/copies`;
  for (const folder of ["landing/worker", "os", "text"]) {
    await Deno.mkdir(`${copies}/${folder}`, { recursive: true });
  }
  for (
    const file of [
      "landing/worker/remove_tree.ts",
      "os/os_error.ts",
      "text/escape.ts",
      "errors.ts",
    ]
  ) {
    await Deno.copyFile(
      new URL(`../../${file}`, import.meta.url),
      `${copies}/${file}`,
    );
  }
  await Deno.writeTextFile(
    `${copies}/main.ts`,
    'import { removeTree } from "./landing/worker/remove_tree.ts"; removeTree(Deno.args[0]);',
  );
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", "--no-check", `${copies}/main.ts`, tree],
    cwd: home,
    env: { DENO_DIR: `${home}/deno`, HOME: home },
    uid,
    gid: uid,
  });
  try {
    const { stderr } = await command.output();
    assertEquals(new TextDecoder().decode(stderr), "");
  } catch (error) {
    if (!(error instanceof Deno.errors.PermissionDenied)) throw error;
    console.log(`skipped, no other user can run the runtime: ${error.message}`);
    await Deno.remove(tree, { recursive: true });
  }
  await Deno.remove(copies, { recursive: true });
}
