/**
 * What a command has to load before it can do anything: the modules that are
 * imported at once, not on demand. Each costs every run of the command.
 */

import { assert, assertEquals } from "@std/assert";

const root = new URL("../", import.meta.url);

/** What every command loads, and what a verb loads besides. */
const MAIN = "cli.ts";
const verb = (name: string): string => `lib/cli/verbs/${name}.ts`;

interface ModuleInfo {
  specifier: string;
  dependencies?: {
    code?: { specifier?: string };
    isDynamic?: boolean;
  }[];
}

interface GraphInfo {
  modules: ModuleInfo[];
  redirects: Record<string, string>;
}

async function graphOf(path: string): Promise<GraphInfo> {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", path],
    cwd: root,
    stderr: "null",
  }).output();
  assert(success, `deno info ${path}`);
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** Everything that is imported at once: paths in the project, packages. */
async function loadedBy(path: string): Promise<string[]> {
  const { modules, redirects } = await graphOf(path);
  const known = new Map(
    modules.map((module) => [module.specifier, module]),
  );
  const loaded = new Set<string>();
  const visit = (specifier: string): void => {
    const target = redirects[specifier] ?? specifier;
    if (loaded.has(target)) return;
    loaded.add(target);
    for (const { code, isDynamic } of known.get(target)?.dependencies ?? []) {
      if (code?.specifier !== undefined && !isDynamic) visit(code.specifier);
    }
  };
  visit(new URL(path, root).href);
  return [...loaded].map((specifier) =>
    specifier.startsWith(root.href)
      ? specifier.slice(root.href.length)
      : specifier
  );
}

function matching(loaded: string[], ...patterns: RegExp[]): string[] {
  return loaded.filter((name) =>
    patterns.some((pattern) => pattern.test(name))
  );
}

const NETWORK = /^lib\/(?:wire|mesh|transfer|landing)\//;
const STORES = /^lib\/store\//;
const HASHES = /^lib\/content\//;
const PACKAGE = /^npm:/;

for (const path of [MAIN, verb("version")]) {
  Deno.test(`${path} loads no other room and no package`, async () => {
    assertEquals(
      matching(await loadedBy(path), NETWORK, STORES, HASHES, PACKAGE),
      [],
    );
  });
}

Deno.test("completion loads nothing of the network, of stores and of hashes", async () => {
  assertEquals(
    matching(await loadedBy(verb("completion")), NETWORK, STORES, HASHES),
    [],
  );
});

for (const name of ["send_blob", "send_dir"]) {
  Deno.test(`${name} loads nothing of the network, and no hash of records`, async () => {
    assertEquals(
      matching(await loadedBy(verb(name)), NETWORK, /hash-wasm|curves|sodium/),
      [],
    );
  });
}
