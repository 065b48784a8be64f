/**
 * A whole process that lands a file and a tree, twice each, and tries a tree
 * with a link, for tests that give it few permissions. Prints one line of JSON.
 */

import { TransferError } from "../../errors.ts";
import { BlobLanding } from "../mod.ts";
import { blobRange, landTree, type TreeItems } from "./trees.ts";

const [dir] = Deno.args;
const report: Record<string, unknown> = {};

async function landFile(text: string): Promise<void> {
  await using landing = await BlobLanding.open({ out: `${dir}/file` });
  await landing.write(blobRange(0, text));
  await landing.commit(text.length);
}

async function landFiles(items: TreeItems): Promise<number> {
  const replace = { replace: true };
  return (await landTree(`${dir}/tree`, items, replace)).files;
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
await step("tree", () => landFiles([["a/b", { file: "b", mode: 0o100600 }]]));
await step("treeAgain", () => landFiles([["c", { file: "c" }]]));
await step("links", () => landFiles([["l", { link: "c" }]]));
console.log(JSON.stringify(report));
