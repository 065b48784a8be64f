/**
 * A whole process that lands a file and a tree, twice each, and tries a tree
 * with a link, for tests that give it few permissions. Prints one line of JSON.
 *
 * @module
 */

import { blake3 } from "../../content/hash.ts";
import { TransferError } from "../../errors.ts";
import { BlobLanding, TreeLanding } from "../mod.ts";
import { fill, manifestOf, type TreeItems } from "./trees.ts";

const [dir] = Deno.args;
const report: Record<string, unknown> = {};

async function landFile(text: string): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  await using landing = await BlobLanding.open({ out: `${dir}/file` });
  await landing.write({ offset: 0, hash: blake3(bytes), bytes });
  await landing.commit(text.length);
}

async function landTree(items: TreeItems): Promise<number> {
  const manifest = manifestOf(items);
  await using landing = await TreeLanding.open({
    out: `${dir}/tree`,
    manifest,
  });
  await fill(landing, items);
  return (await landing.commit()).files;
}

async function step(name: string, run: () => Promise<unknown>): Promise<void> {
  try {
    report[name] = await run() ?? "done";
  } catch (error) {
    if (!(error instanceof TransferError)) throw error;
    report[name] = `${error.kind}: ${error.message}`;
  }
}

await step("file", () => landFile("first"));
await step("fileAgain", () => landFile("second"));
await step("tree", () => landTree([["a/b", { file: "b", mode: 0o100600 }]]));
await step("treeAgain", () => landTree([["c", { file: "c" }]]));
await step("links", () => landTree([["l", { link: "c" }]]));
console.log(JSON.stringify(report));
