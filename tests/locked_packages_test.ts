/**
 * `deno.json` and `deno.lock` are what users run with: they have the packages
 * that the library and the program load, and no other. Tests and scripts have
 * theirs in `deno.dev.json` and `deno.dev.lock`.
 */

import { assert, assertEquals } from "@std/assert";
import config from "../deno.json" with { type: "json" };
import devConfig from "../deno.dev.json" with { type: "json" };

const root = new URL("../", import.meta.url);

interface Package {
  name: string;
  version: string;
}

interface Lock {
  npm: Record<string, { integrity: string }>;
}

function readLock(name: string): Lock {
  return JSON.parse(Deno.readTextFileSync(new URL(name, root)));
}

/** The packages that a module loads, at once or on demand, as a lock names them. */
async function packagesOf(path: string): Promise<string[]> {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", path],
    cwd: root,
    stderr: "null",
  }).output();
  assert(success, `deno info ${path}`);
  const { npmPackages }: { npmPackages: Record<string, Package> } = JSON.parse(
    new TextDecoder().decode(stdout),
  );
  return Object.values(npmPackages)
    .map(({ name, version }) => `${name}@${version}`);
}

Deno.test("deno.lock has the packages that mod.ts and cli.ts load, and no other", async () => {
  const loaded = [...await packagesOf("mod.ts"), ...await packagesOf("cli.ts")];
  assertEquals(
    Object.keys(readLock("deno.lock").npm).sort(),
    [...new Set(loaded)].sort(),
  );
});

Deno.test("deno.json maps nothing to a package that is not in deno.lock", () => {
  const locked = Object.keys(readLock("deno.lock").npm);
  for (const [name, target] of Object.entries(config.imports)) {
    assert(
      locked.some((id) =>
        target === `npm:${id}` || target.startsWith(`npm:${id}/`)
      ),
      name,
    );
  }
});

Deno.test("deno.dev.json is deno.json with more imports, and the same packages under the same hashes", () => {
  const { imports, unstable, compilerOptions, lint, exclude } = config;
  const { imports: devImports, lock, ...rest } = devConfig;
  assertEquals(rest, { unstable, compilerOptions, lint, exclude });
  assertEquals({ ...devImports, ...imports }, devImports);
  const locked = readLock(lock).npm;
  for (const [id, { integrity }] of Object.entries(readLock("deno.lock").npm)) {
    assertEquals(locked[id]?.integrity, integrity, id);
  }
});

Deno.test("every task that runs tests or scripts, or checks types, has its packages from deno.dev.json", () => {
  for (const [name, { command }] of Object.entries(config.tasks)) {
    for (const part of command.split(" && ")) {
      if (/^deno (?:fmt|lint)\b/.test(part)) continue;
      assert(/^deno \w+ --config deno\.dev\.json\b/.test(part), name);
    }
  }
});
