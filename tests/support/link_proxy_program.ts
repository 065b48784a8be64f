/**
 * A {@linkcode LinkProxy} in a process of its own, for a host that a test is not
 * on. Its argument is its options; each line of stdin is a change of the link,
 * or `"rebind"`. When it is done, the bytes that came from the node so far are
 * a line of stdout.
 */

import { LinkProxy } from "./link_proxy.ts";

await using proxy = new LinkProxy(JSON.parse(Deno.args[0]));
console.log(proxy.address);
let text = "";
for await (
  const some of Deno.stdin.readable.pipeThrough(new TextDecoderStream())
) {
  const lines = (text + some).split("\n");
  text = lines.pop() ?? "";
  for (const line of lines) {
    const command = JSON.parse(line);
    if (command === "rebind") proxy.rebind();
    else proxy.change(command);
    console.log(proxy.down.counters.bytes);
  }
}
