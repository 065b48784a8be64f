/** Proxies are the runtime's matter, and come from the environment. */

import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { blake3 } from "../content/mod.ts";
import { toHex } from "../text/hex.ts";
import { ScriptedServer } from "./testing/scripted_server.ts";

const CHUNK = new TextEncoder().encode("hello\n");
const HEX = toHex(blake3(CHUNK));
const ROOT = new URL("../../", import.meta.url);
const PROGRAM = `
  import { HttpMirror } from ${
  JSON.stringify(new URL("http_mirror.ts", import.meta.url).href)
};
  const mirror = new HttpMirror({ kind: "http", url: new URL(Deno.args[0]) });
  const bytes = await mirror.get(Uint8Array.fromHex?.("${HEX}") ??
    Uint8Array.from("${HEX}".match(/../g), (byte) => parseInt(byte, 16)));
  console.log(new TextDecoder().decode(bytes));
  await mirror[Symbol.asyncDispose]();
`;

/** Reads the chunk in a process with some permissions and variables. */
async function read(
  url: string,
  env: Record<string, string>,
  permissions: readonly string[],
): Promise<string> {
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(file, PROGRAM);
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--quiet",
        "--no-check",
        "--no-prompt",
        "--config",
        join(decodeURIComponent(ROOT.pathname), "deno.json"),
        ...permissions,
        file,
        url,
      ],
      env: { ...env, NO_COLOR: "1" },
    }).output();
    return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  } finally {
    await Deno.remove(file);
  }
}

/** A proxy that has the chunk for whoever asks. */
function proxy(): ScriptedServer {
  return new ScriptedServer((_, answer) => answer.send(200, CHUNK));
}

Deno.test("a proxy of the environment is asked, also by who may not read the environment", async () => {
  for (const permissions of [["-A"], ["--allow-net"]]) {
    await using server = proxy();
    const env = {
      HTTP_PROXY: server.url,
      http_proxy: server.url,
      NO_PROXY: "",
    };
    const said = await read("http://mirror.invalid/", env, permissions);
    assertEquals(said, "hello\n\n");
    assertEquals(
      server.requests.map(({ target }) => target),
      [`http://mirror.invalid/blob/${HEX}`],
    );
  }
});

Deno.test("a host that NO_PROXY names is asked itself", async () => {
  await using server = proxy();
  await using origin = proxy();
  const env = {
    HTTP_PROXY: server.url,
    http_proxy: server.url,
    NO_PROXY: "127.0.0.1",
    no_proxy: "127.0.0.1",
  };
  assertEquals(await read(origin.url, env, ["-A"]), "hello\n\n");
  assertEquals([server.requests.length, origin.requests.length], [0, 1]);
});

Deno.test("a host that the sandbox does not allow is told as such", async () => {
  await using server = proxy();
  const said = await read(server.url, {}, ["--allow-net=127.0.0.1:1"]);
  assert(/PermissionError/.test(said), said);
  assert(said.includes("--allow-net"), said);
});
