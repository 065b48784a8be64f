/**
 * A process that opens a landing of the given kind, writes one byte, says so
 * on standard output, and then waits for ever: to be killed.
 *
 * @module
 */

import { blake3 } from "../../content/hash.ts";
import { BlobLanding, TreeLanding } from "../mod.ts";
import { fill, manifestOf, type TreeItems } from "./trees.ts";

const [kind, out] = Deno.args;

if (kind === "blob") {
  const landing = await BlobLanding.open({ out });
  const bytes = new Uint8Array(1);
  await landing.write({ offset: 0, hash: blake3(bytes), bytes });
} else {
  const items: TreeItems = [["a", { file: "a" }]];
  const landing = await TreeLanding.open({ out, manifest: manifestOf(items) });
  await fill(landing, items);
}
console.log("writing");
await new Promise(() => setInterval(() => undefined, 60_000));
