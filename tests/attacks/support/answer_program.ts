/**
 * A node that answers each stream with many bytes, as a process, so that what it costs can be
 * told from what an attack costs. Prints where it is; answers each byte on its
 * standard input with the processor time that it has used, in milliseconds.
 */

import process from "node:process";
import { toHex } from "../../../lib/text/hex.ts";
import { listen, readAll } from "../../../lib/mesh/testing/echo_node.ts";
import { ANSWER_BYTES } from "./answer_bytes.ts";

const answer = new Uint8Array(ANSWER_BYTES);
const node = await listen(async (session) => {
  for await (const stream of session.incomingStreams()) {
    (async () => {
      await readAll(stream);
      stream.setPriority("bulk");
      await stream.write(answer);
      stream.finish();
    })().catch(() => stream.reset(1));
  }
});
const { hostname, port } = node.address;
console.log(JSON.stringify({ hostname, port, key: toHex(node.publicKey) }));
const byte = new Uint8Array(1);
while (await Deno.stdin.read(byte) !== null) {
  const { user, system } = process.cpuUsage();
  console.log(JSON.stringify({ cpu: (user + system) / 1000 }));
}
await node.close();
