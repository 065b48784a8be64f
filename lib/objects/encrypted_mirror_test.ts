/** Encrypted mirrors, with certificates that `openssl` makes. */

import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { TempDir } from "../../scripts/temp_dir.ts";
import { unless } from "../../tests/support/unless.ts";

const ROOT = decodeURIComponent(new URL("../../", import.meta.url).pathname);
const PROGRAM = `
  import { blake3 } from ${JSON.stringify(`${ROOT}lib/content/mod.ts`)};
  import { HttpMirror } from ${JSON.stringify(`${ROOT}lib/objects/mod.ts`)};
  const chunk = new Uint8Array(3_000_000).fill(5);
  const options = { hostname: "127.0.0.1", port: 0, onListen() {} };
  const cert = Deno.readTextFileSync("server.pem");
  const key = Deno.readTextFileSync("server.key");
  const server = Deno.serve({ ...options, cert, key }, ({ url }) =>
    url.includes("/moved/")
      ? Response.redirect("http://127.0.0.1:9/")
      : new Response(chunk));
  const base = \`https://localhost:\${server.addr.port}/\`;
  for (const direct of [true, false]) {
    for (const path of ["", "moved/"]) {
      const url = new URL(base + path);
      await using mirror = new HttpMirror({ kind: "http", url }, { direct });
      const told = await mirror.get(blake3(chunk)).catch(({ kind }) => kind);
      console.log(told.length === chunk.length ? "read" : told);
    }
  }
  await server.shutdown();
`;

/** A certificate of an authority of our own, for localhost. */
const COMMANDS = `
  openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=ca
  openssl req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj /CN=localhost
  printf 'subjectAltName=DNS:localhost\\nbasicConstraints=CA:FALSE\\n' > server.ext
  openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile server.ext -out server.pem
`;

const withoutOpenssl = await (async () => {
  try {
    await new Deno.Command("openssl", { args: ["version"] }).output();
    return undefined;
  } catch {
    return "no openssl here";
  }
})();

Deno.test({
  ...unless(
    withoutOpenssl,
    "an encrypted mirror is read when its certificate is trusted, and never left for one that is not encrypted",
  ),
  async fn() {
    await using dir = await TempDir.make();
    const made = await new Deno.Command("sh", {
      args: ["-ec", COMMANDS],
      cwd: dir.path,
      stderr: "null",
    }).output();
    assert(made.success);
    const program = await dir.write("program.ts", PROGRAM);
    const run = async (env: Record<string, string>) => {
      const { stdout } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "--quiet", "--no-check", "--config"]
          .concat(join(ROOT, "deno.json"), program),
        cwd: dir.path,
        env: { NO_PROXY: "*", ...env },
        stderr: "inherit",
      }).output();
      return new TextDecoder().decode(stdout).trim().split("\n");
    };
    const trusted = await run({ DENO_CERT: dir.at("ca.pem") });
    assertEquals(trusted, ["read", "protocol", "read", "protocol"]);
    const unknown = await run({ DENO_TLS_CA_STORE: "mozilla" });
    assertEquals(unknown, Array.from({ length: 4 }, () => "handshake"));
  },
});
