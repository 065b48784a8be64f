/** What README.md says works: its commands and its sample are run. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { dirname, fromFileUrl, join } from "@std/path";
import config from "../deno.json" with { type: "json" };
import { toHex } from "../lib/content/mod.ts";
import { compareTrees } from "../scripts/compare_trees.ts";
import { sourceProgram } from "../scripts/holder_process.ts";
import { noise } from "../scripts/make_tree.ts";

const ROOT: string = fromFileUrl(new URL("../", import.meta.url));
const README = await Deno.readTextFile(join(ROOT, "README.md"));
const DOCUMENTS = [
  "README.md",
  "SECURITY.md",
  "CHANGELOG.md",
  "docs/architecture.md",
  "docs/cli.md",
  "docs/contributing.md",
  "docs/decisions.md",
  "docs/scripting.md",
  "docs/wire.md",
];
/** How the README runs Deno for those who have only Node. */
const NPX = "npx -y deno@2.9.6";

/** A fenced block; those for tests have a name in a comment above them. */
interface Block {
  readonly name: string | undefined;
  readonly language: string;
  readonly text: string;
}

const BLOCKS: readonly Block[] = [
  ...README.matchAll(
    /(?:<!-- test: ([\w-]+) -->\n\n)?^```(\w+)\n(.*?)^```$/gms,
  ),
].map(([, name, language, text]) => ({ name, language, text }));

function block(name: string): string {
  const found = BLOCKS.find((block) => block.name === name);
  if (!found) throw new Error(`README.md has no block named ${name}`);
  return found.text;
}

/** What a serving process printed. */
interface Ready {
  listen: string[];
  attach: string;
  node_pubkey: string;
  refs: { kind: string; ref: string; ticket: string }[];
}

/** Two machines in one directory, and a shell at each. */
class Machines {
  readonly #dir: string;

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** A path at the machine that has the files, or at the other. */
  at(machine: "holder" | "fetcher", ...names: string[]): string {
    return join(this.#dir, machine, ...names);
  }

  async setUp(): Promise<void> {
    await Deno.mkdir(this.at("holder", "photos", "2024"), { recursive: true });
    await Deno.mkdir(this.at("fetcher"));
    await Deno.writeTextFile(this.at("holder", "photos", "a.txt"), "hello\n");
    const large = this.at("holder", "photos", "2024", "b.raw");
    await Deno.writeFile(large, noise(5 * 2 ** 20, 1));
    await Deno.writeFile(this.at("holder", "film.mkv"), noise(9_000_000, 2));
    await Deno.mkdir(join(this.#dir, "bin"));
    const program = sourceProgram().map((word) => `'${word}'`).join(" ");
    await Deno.writeTextFile(
      join(this.#dir, "bin", "net-transfer"),
      `#!/bin/sh\nexec ${program} "$@"\n`,
      { mode: 0o755 },
    );
  }

  #shell(machine: "holder" | "fetcher", script: string): Deno.Command {
    return new Deno.Command("bash", {
      args: ["-euo", "pipefail", "-c", script],
      cwd: this.at(machine),
      env: {
        HOME: this.at(machine),
        XDG_CONFIG_HOME: this.at(machine, ".config"),
        NET_MESH_CONFIG: "",
        DENO_DIR: Deno.env.get("DENO_DIR") ??
          join(Deno.env.get("HOME") ?? "", ".cache/deno"),
        PATH: `${join(this.#dir, "bin")}:${Deno.env.get("PATH")}`,
      },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    });
  }

  /** Runs a script that succeeds; what it prints. */
  async run(machine: "holder" | "fetcher", script: string): Promise<string> {
    const { code, stdout, stderr } = await this.#shell(machine, script)
      .output();
    assertEquals(code, 0, `${script}\n${new TextDecoder().decode(stderr)}`);
    return new TextDecoder().decode(stdout);
  }

  /** Runs a script that ends in `serve`, for as long as `use` takes. */
  async serve(
    script: string,
    use: (ready: Ready) => Promise<void>,
  ): Promise<void> {
    const child = this.#shell(
      "holder",
      script.replace("net-transfer serve", "exec net-transfer serve")
        .replaceAll("0.0.0.0:7700", "127.0.0.1:0"),
    ).spawn();
    const stderr = new Response(child.stderr).text();
    const reader = child.stdout.pipeThrough(new TextDecoderStream())
      .getReader();
    try {
      // The block may print results of other commands first.
      let printed = "";
      let ready: Ready | undefined;
      while (ready === undefined) {
        const { value, done } = await reader.read();
        if (done) throw new Error(`serve ended: ${await stderr}`);
        printed += value;
        const last = /^\{\n(?: .*\n)*? {2}"listen"(?:.*\n)*?\}\n/m.exec(
          printed,
        );
        if (last) ready = JSON.parse(last[0]);
      }
      await use(ready);
    } finally {
      terminate(child);
      while (!(await reader.read()).done);
      await child.status;
      await stderr;
    }
  }

  /** Brings the pre-shared key over. */
  async bringKey({ attach }: Ready, to: string): Promise<void> {
    const path = /--psk-file (\S+)/.exec(attach)?.[1];
    if (path === undefined) throw new Error(`no PSK file in: ${attach}`);
    await Deno.copyFile(path, to);
    await Deno.chmod(to, 0o600);
  }
}

/** Asks a process to end that may have ended by itself, when a test has failed. */
function terminate(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGTERM");
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
}

/** Puts what `serve` printed where the README has placeholders. */
function fill(script: string, ready: Ready, ref: string): string {
  return script
    .replaceAll("192.0.2.1:7700", ready.listen[0])
    .replace(/\bREF\b/g, ref)
    .replace(/\bKEY\b/g, ready.node_pubkey);
}

async function withMachines(
  use: (machines: Machines) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "net_transfer_readme_" });
  try {
    const machines = new Machines(dir);
    await machines.setUp();
    await use(machines);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("every shell block of the README is one a test runs", () => {
  const tested = new Set(
    [
      "serve",
      "recv-dir",
      "ticket",
      "store",
      "config",
      "recv-blob",
      "library",
      "sandbox",
    ],
  );
  for (const { name, language, text } of BLOCKS) {
    if (name !== undefined) assert(tested.has(name), name);
    else {
      assertEquals(language, "sh");
      for (const line of text.trimEnd().split("\n")) {
        assert(line.startsWith(`${NPX} `), line);
      }
    }
  }
  for (const name of tested) block(name);
});

Deno.test("the README's first commands are tasks that the continuous run runs, too", async () => {
  const ci = await Deno.readTextFile(join(ROOT, ".ci/run"));
  const tasks = [...README.matchAll(/deno(?:@[\d.]+)? task (\w+)/g)];
  assert(tasks.length >= 4);
  for (const [, task] of tasks) {
    assert(task in config.tasks, `deno.json has no task ${task}`);
  }
  assertStringIncludes(ci, `current=(${NPX})`);
  for (const task of ["demo", "test"]) {
    assertStringIncludes(README, `${NPX} task ${task}\n`);
    assertStringIncludes(ci, `"\${current[@]}" task ${task}`);
  }
});

Deno.test("the other commands with npx run", async () => {
  const lines = BLOCKS.filter(({ name }) => name === undefined)
    .flatMap(({ text }) => text.trimEnd().split("\n"))
    .filter((line) => !line.includes(" task "));
  assertEquals(lines.length, 1);
  for (const line of lines) {
    const words = line.slice(NPX.length + 1).split(" ");
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: words,
      cwd: ROOT,
    }).output();
    assertEquals(code, 0, new TextDecoder().decode(stderr));
  }
});

Deno.test("the tour: serve, then recv-dir on another machine", () =>
  withMachines((machines) =>
    machines.serve(block("serve"), async (ready) => {
      const [{ ref, ticket }] = ready.refs;
      await machines.bringKey(ready, machines.at("fetcher", "node.psk"));
      for (const name of ["recv-dir", "ticket"]) {
        const script = fill(block(name), ready, ref)
          .replace(/\bTICKET\b/, ticket);
        await machines.run("fetcher", script);
        const { differences } = await compareTrees(
          machines.at("holder", "photos"),
          machines.at("fetcher", "photos"),
        );
        assertEquals(differences, []);
        await Deno.remove(machines.at("fetcher", "photos"), {
          recursive: true,
        });
      }
    })
  ));

Deno.test("the tour: a store, a configuration file, recv-blob", () =>
  withMachines(async (machines) => {
    const [sendDir, sendBlob, serve] = block("store").trimEnd().split("\n");
    assert(serve.startsWith("net-transfer serve "));
    await machines.run("holder", sendDir);
    const sent = JSON.parse(await machines.run("holder", sendBlob));
    await machines.serve(serve, async (ready) => {
      const psk = machines.at("fetcher", "node.psk");
      await machines.bringKey(ready, psk);
      const dir = machines.at("fetcher", ".config", "net-mesh");
      await Deno.mkdir(dir, { recursive: true });
      await Deno.writeTextFile(
        join(dir, "config.toml"),
        fill(block("config"), ready, "").replace("/home/me/node.psk", psk),
      );
      const script = fill(block("recv-blob"), ready, sent.blob_ref);
      const printed = await machines.run("fetcher", script);
      const film = await Deno.readFile(machines.at("holder", "film.mkv"));
      assertEquals(
        await Deno.readFile(machines.at("fetcher", "film.mkv")),
        film,
      );
      const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", film));
      assertStringIncludes(printed, toHex(sum));
    });
  }));

Deno.test("the command with few permissions", () =>
  withMachines((machines) =>
    machines.serve(block("serve"), async (ready) => {
      const data = machines.at("fetcher", "data");
      await Deno.mkdir(data);
      await machines.bringKey(ready, join(data, "node.psk"));
      const script = fill(block("sandbox"), ready, ready.refs[0].ref)
        .replaceAll("/data", data)
        .replace("./cli.ts", join(ROOT, "cli.ts"))
        .replace("deno run", `'${Deno.execPath()}' run --quiet`);
      await machines.run("fetcher", script);
      const { differences } = await compareTrees(
        machines.at("holder", "photos"),
        join(data, "photos"),
      );
      assertEquals(differences, []);
    })
  ));

Deno.test("the library sample checks and runs", () =>
  withMachines(async (machines) => {
    const sample = machines.at("holder", "sample.ts");
    await Deno.writeTextFile(sample, block("library"));
    const deno = `'${Deno.execPath()}' run -A --check --quiet`;
    const printed = await machines.run(
      "holder",
      `${deno} --config '${join(ROOT, "deno.json")}' sample.ts`,
    );
    assertStringIncludes(printed, "2024/b.raw\n");
    assertStringIncludes(printed, `2 files, ${5 * 2 ** 20 + 6} bytes\n`);
    assertStringIncludes(
      printed,
      `${9_000_000 - 2 * 4_194_304} verified bytes`,
    );
    const { differences } = await compareTrees(
      machines.at("holder", "photos"),
      machines.at("holder", "copy"),
    );
    assertEquals(differences, []);
  }));

for (const path of DOCUMENTS) {
  Deno.test(`every link in ${path} leads somewhere`, async () => {
    const text = await Deno.readTextFile(join(ROOT, path));
    for (const [, target] of text.matchAll(/\]\(([^)#]+)[^)]*\)/g)) {
      if (/^https?:/.test(target)) continue;
      await Deno.stat(join(ROOT, dirname(path), target));
    }
  });
}
