/**
 * A process that opens a landing of the given kind, writes one byte, says so
 * on standard output, and then waits for ever: to be killed.
 */

import { BlobLanding } from "../mod.ts";
import { blobRange, openTree, writeChunk } from "./trees.ts";

const [kind, out] = Deno.args;

if (kind === "blob") {
  const landing = await BlobLanding.open({ out });
  await landing.write(blobRange(0, "a"));
} else {
  await writeChunk(await openTree(out, [["a", { file: "a" }]]), 0, "a");
}
console.log("writing");
await new Promise(() => setInterval(() => undefined, 60_000));
