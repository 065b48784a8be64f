import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { join } from "@std/path";
import { decodeTicket, loadIdentity, Node, toHex } from "../../mod.ts";
import { runCli, withTempDir } from "./cli_process.ts";
import { type Ready, ServeProcess } from "./serve_process.ts";

/** Serves a small file while `use` runs; gives what was logged. */
async function serving(
  args: string[],
  use: (ready: Ready, dir: string) => Promise<void>,
): Promise<string> {
  let logged = "";
  await withTempDir(async (dir) => {
    const file = join(dir, "a.txt");
    await Deno.writeTextFile(file, "hello\n");
    const given = args.map((arg) => arg.replace("DIR", dir));
    await using server = await ServeProcess.start(dir, [file, ...given]);
    await use(server.ready, dir);
    ({ stderr: logged } = await server.stop());
  });
  return logged;
}

function fetchWith(attach: string, ref: string, more: string[] = []) {
  const flags = attach.split(" ");
  const args = ["recv-blob", "--blob-ref", ref, "--out", "-", ...flags];
  return runCli([...args, ...more]);
}

Deno.test("--advertise replaces the addresses that are printed, in order, also in tickets", async () => {
  await serving([
    "--advertise",
    "files.example:7700",
    "--advertise",
    "[2001:db8::1]:7701",
  ], ({ listen, attach, ticket, refs }) => {
    const addresses = ["files.example:7700", "[2001:db8::1]:7701"];
    assertEquals(listen, addresses);
    assertMatch(attach, /^--node-addr files\.example:7700 /);
    assertEquals(decodeTicket(ticket).addresses, addresses);
    assertEquals(decodeTicket(refs[0].ticket).addresses, addresses);
    return Promise.resolve();
  });
});

Deno.test("--allow, given twice, lets both keys in and nobody else", async () => {
  await withTempDir(async (dir) => {
    const files = ["one", "two"].map((name) => join(dir, `${name}.toml`));
    const allow: string[] = [];
    for (const out of files) {
      const made = await runCli(["identity", "generate", "--out", out]);
      assertEquals(made.code, 0, made.stderr);
      allow.push("--allow", toHex((await loadIdentity(out)).x25519Public));
    }
    await serving(allow, async ({ attach, refs: [{ ref }] }) => {
      for (const identity of files) {
        const got = await fetchWith(attach, ref, ["--identity", identity]);
        assertEquals([got.code, got.stdout], [0, "hello\n"], got.stderr);
      }
      const stranger = await fetchWith(attach, ref, [
        "--connect-timeout",
        "300ms",
      ]);
      assertEquals([stranger.code, stranger.stdout], [6, ""]);
    });
  });
});

Deno.test("--max-connections turns away who comes too many, with a reason", async () => {
  const args = ["--max-connections", "1", "--ticket-psk"];
  await serving(args, async ({ attach, ticket, refs: [{ ref }] }) => {
    const { addresses: address, publicKey, psk } = decodeTicket(ticket);
    if (psk === undefined) throw new Error("the ticket carries no key");
    {
      await using _first = await Node.attach({ address, publicKey, psk });
      const second = await fetchWith(attach, ref);
      assert(second.code === 3 || second.code === 6, second.stderr);
      assertStringIncludes(second.stderr, "as many sessions as it may");
    }
  });
});

Deno.test("--log-format json logs one object a line", async () => {
  const args = ["--log-format", "json", "-vv"];
  const logged = await serving(args, async ({ attach, refs: [{ ref }] }) => {
    const got = await fetchWith(attach, ref);
    assertEquals(got.code, 0, got.stderr);
  });
  const lines: { level: string; message: string }[] = logged.trim().split("\n")
    .map((line) => JSON.parse(line));
  const messages = lines.map(({ message }) => message);
  assert(messages.includes("peer attached"), logged);
  assert(messages.includes("answered"), logged);
  assert(lines.every(({ level }) => ["info", "debug"].includes(level)), logged);
});

Deno.test({
  name: "a ready file with a secret ticket is readable by its owner only",
  ignore: Deno.build.os === "windows",
  async fn() {
    const cases: [string[], number][] = [
      [[], 0o644],
      [["--ticket-psk"], 0o600],
    ];
    for (const [args, mode] of cases) {
      const flags = ["--ready-file", "DIR/ready.json", ...args];
      await serving(flags, async (ready, dir) => {
        const path = join(dir, "ready.json");
        assertEquals(
          JSON.parse(await Deno.readTextFile(path)).ticket,
          ready.ticket,
        );
        assertEquals((await Deno.stat(path)).mode! & 0o777, mode);
      });
    }
  },
});
