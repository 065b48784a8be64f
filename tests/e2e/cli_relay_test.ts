import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { join } from "@std/path";
import { encodeTicket } from "../../lib/mesh/mod.ts";
import { cliCommand, runCli, withTempDir } from "./cli_process.ts";

interface Ready {
  readonly node_pubkey: string;
  readonly listen: string[];
  readonly attach: string;
  readonly refs: { kind: string; ref: string }[];
}

/** A running `serve`; `stop` gives what it logged. */
class Server implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #stderr: Promise<string>;
  readonly ready: Ready;
  /** Its id, to the digit. */
  readonly id: string;

  private constructor(
    child: Deno.ChildProcess,
    printed: string,
    stderr: Promise<string>,
  ) {
    this.#child = child;
    this.#stderr = stderr;
    this.ready = JSON.parse(printed);
    this.id = /"node_id":(\d+)/.exec(printed)![1];
  }

  static async start(home: string, args: string[]): Promise<Server> {
    const listen = ["serve", "--listen", "127.0.0.1:0", "--output", "ndjson"];
    const child = cliCommand([...listen, ...args], { home }).spawn();
    const stderr = new Response(child.stderr).text();
    const reader = child.stdout.pipeThrough(new TextDecoderStream())
      .getReader();
    let printed = "";
    while (!printed.includes("\n")) {
      const { value, done } = await reader.read();
      if (done) throw new Error(`serve did not start: ${await stderr}`);
      printed += value;
    }
    reader.releaseLock();
    return new Server(child, printed, stderr);
  }

  get attach(): string[] {
    return this.ready.attach.split(" ");
  }

  /** What `--via` takes. */
  get via(): string {
    return `${this.ready.listen[0]}#${this.ready.node_pubkey}`;
  }

  get pskFile(): string {
    return this.attach[this.attach.indexOf("--psk-file") + 1];
  }

  async stop(): Promise<string> {
    this.#child.kill("SIGTERM");
    const { code } = await this.#child.status;
    const stderr = await this.#stderr;
    assertEquals(code, 0, stderr);
    return stderr;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It is gone already.
    }
    await this.#child.status;
    await this.#stderr;
  }
}

/** Starts a relay with nothing to serve; `flags` as given. */
function startRelay(dir: string, flags: string[]): Promise<Server> {
  return Server.start(join(dir, "relay"), [
    "--store",
    join(dir, "empty"),
    "-vvv",
    ...flags,
  ]);
}

async function makeTree(root: string): Promise<void> {
  await Deno.mkdir(join(root, "sub"), { recursive: true });
  await Deno.writeTextFile(join(root, "a.txt"), "hello\n");
  const big = Uint8Array.from({ length: 5_000_000 }, (_, i) => (i * 31) % 251);
  await Deno.writeFile(join(root, "sub", "big.bin"), big);
}

async function assertSameTree(one: string, other: string): Promise<void> {
  const { code, stdout } = await new Deno.Command("diff", {
    args: ["-r", one, other],
  }).output();
  assertEquals(code, 0, new TextDecoder().decode(stdout));
}

Deno.test("a tree is fetched from a holder behind a relay, which serves and reads nothing", async () => {
  await withTempDir(async (dir) => {
    const tree = join(dir, "tree");
    await makeTree(tree);
    await using relay = await startRelay(dir, ["--relay"]);
    const psk = crypto.getRandomValues(new Uint8Array(32));
    const pskFile = join(dir, "holder.psk");
    await Deno.writeFile(pskFile, psk, { mode: 0o600 });
    // Each end attaches to the relay with the relay's key; only they know the other one.
    const via = encodeTicket({
      publicKey: hexBytes(relay.ready.node_pubkey),
      addresses: relay.ready.listen,
      psk: hexBytes(await Deno.readTextFile(relay.pskFile)),
    });
    const viaFile = join(dir, "relay.ticket");
    await Deno.writeTextFile(viaFile, via, { mode: 0o600 });
    await using holder = await Server.start(join(dir, "holder"), [
      tree,
      "--via",
      `@${viaFile}`,
      "--psk-file",
      pskFile,
    ]);
    const from = encodeTicket({
      publicKey: hexBytes(holder.ready.node_pubkey),
      addresses: ["192.0.2.1:9"],
      psk,
    });
    const out = join(dir, "got");
    const got = await runCli([
      "recv-dir",
      "--remote-ref",
      holder.ready.refs[0].ref,
      "--out",
      out,
      "--from",
      from,
      ...relay.attach,
    ]);
    assertEquals([got.code, got.stderr], [0, ""]);
    assertMatch(got.stdout, new RegExp(`"peer": ${holder.id},`));
    await assertSameTree(tree, out);
    const requests = (await relay.stop()).split("\n").filter((line) =>
      /\brequest\b/.test(line)
    );
    assertEquals(requests.length, 1, requests.join("\n"));
    assertStringIncludes(requests[0], "rpc");
  });
});

Deno.test("a source is named by its key, or by its id with a warning", async () => {
  await withTempDir(async (dir) => {
    const file = join(dir, "a.txt");
    await Deno.writeTextFile(file, "hello\n");
    await using relay = await startRelay(dir, ["--relay"]);
    await using holder = await Server.start(join(dir, "holder"), [
      file,
      "--via",
      relay.via,
      "--psk-file",
      relay.pskFile,
    ]);
    const hexId = `0x${BigInt(holder.id).toString(16)}`;
    for (const from of [holder.ready.node_pubkey, hexId]) {
      const got = await runCli([
        "recv-blob",
        "--blob-ref",
        holder.ready.refs[0].ref,
        "--out",
        "-",
        "--from",
        from,
        ...relay.attach,
      ]);
      assertEquals([got.code, got.stdout], [0, "hello\n"], got.stderr);
      assertStringIncludes(got.stderr, `"peer": ${holder.id}`);
      const warned = got.stderr.includes("known from the relay alone");
      assertEquals(warned, from === hexId, got.stderr);
    }
  });
});

Deno.test("a source that is not attached, and a node that is no relay, are told apart", async () => {
  await withTempDir(async (dir) => {
    const blob = ["recv-blob", "--blob-ref", "ab".repeat(32), "--out"];
    const expected = [
      { flags: ["--relay"], kind: "not_found", message: /node 5 is not/ },
      { flags: [], kind: "permission", message: /does not relay/ },
    ];
    for (const { flags, kind, message } of expected) {
      await using relay = await startRelay(dir, flags);
      const out = join(dir, "out");
      const got = await runCli([
        ...blob,
        out,
        "--from",
        "5",
        "--output",
        "json",
        ...relay.attach,
      ]);
      assertEquals([got.code, got.stdout], [3, ""], got.stderr);
      const { error } = JSON.parse(got.stderr.trim().split("\n").at(-1)!);
      assertEquals([error.kind, error.exit_code], [kind, 3]);
      assertMatch(error.message, message);
      assertStringIncludes(error.hint, "node 5,");
      assertStringIncludes(error.hint, `node ${relay.id}:`);
      assert(!await exists(out) && !await exists(`${out}.partial`));
    }
  });
});

function hexBytes(text: string): Uint8Array {
  return Uint8Array.from(
    text.trim().match(/../g) ?? [],
    (pair) => parseInt(pair, 16),
  );
}

async function exists(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, () => false);
}
