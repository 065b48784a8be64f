/**
 * The rooms of `lib/` import each other in one direction only, without cycles;
 * see docs/architecture.md.
 */

import { assert, assertEquals } from "@std/assert";
import devConfig from "../deno.dev.json" with { type: "json" };
import config from "../deno.json" with { type: "json" };
import jsrImports from "../jsr.imports.json" with { type: "json" };

/** Which rooms a room may import, besides the leaves. */
const ALLOWED: Record<string, readonly string[]> = {
  content: [],
  wire: [],
  store: ["content"],
  objects: ["store", "content"],
  landing: ["content"],
  mesh: ["wire", "content"],
  transfer: ["landing", "store", "mesh", "content"],
  meeting: ["transfer", "mesh"],
  cli: [
    "meeting",
    "transfer",
    "landing",
    "objects",
    "store",
    "mesh",
    "content",
  ],
};
/** The leaves: all rooms may import them, and they import only each other. */
const LEAVES = ["lib/errors.ts", "lib/limits.ts", "lib/text/"];
/** Leaves with promises or files in them: not for what is pure. */
const IMPURE_LEAVES = ["lib/async/", "lib/os/"];
/**
 * The wings of a room and what each may import of its room. What lies in the
 * room itself, outside of its wings, composes them and may import all; no wing
 * imports that.
 */
const WINGS: Record<string, Record<string, readonly string[]>> = {
  wire: {
    packet: [],
    handshake: ["packet"],
    "recovery/congestion": [],
    recovery: ["packet", "recovery/congestion"],
    streams: ["packet"],
  },
  landing: { worker: [] },
  cli: { framework: [] },
  transfer: {
    protocol: [],
    ask: ["protocol"],
    sources: ["protocol", "ask"],
    fetch: ["protocol", "ask", "sources"],
    serve: ["protocol", "ask"],
    cache: ["protocol", "ask"],
  },
};
/** Packages that only tests and scripts may use. */
const TEST_ONLY = ["fast-check", "@std/assert"];
/** What a place that does no I/O must not mention. */
const IMPURE =
  /\bDeno\.|\bfrom "node:|\bperformance\.now\(|\bDate\.now\(|\bsetTimeout\(|\bMath\.random\(|\bgetRandomValues\(/;
const PURE = ["lib/content/", "lib/wire/", "lib/text/"];

const root = new URL("../", import.meta.url);

interface SourceFile {
  path: string;
  text: string;
  imports: string[];
}

async function* sources(directory: string): AsyncGenerator<string> {
  for await (const entry of Deno.readDir(new URL(directory, root))) {
    const path = `${directory}${entry.name}`;
    if (entry.isDirectory) yield* sources(`${path}/`);
    else if (entry.name.endsWith(".ts")) yield path;
  }
}

function resolveImport(from: string, specifier: string): string {
  if (!specifier.startsWith(".")) return specifier;
  return new URL(specifier, new URL(from, root)).href.slice(root.href.length);
}

/** Comments hold examples, whose imports are not the file's. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
}

async function load(directory: string): Promise<SourceFile[]> {
  const files: SourceFile[] = [];
  for await (const path of sources(directory)) {
    const text = withoutComments(await Deno.readTextFile(new URL(path, root)));
    const imports = [
      ...text.matchAll(
        /(?:^|\n)\s*(?:import|export)\b[^;"]*?\bfrom\s*"([^"]+)"|\bimport\(\s*"([^"]+)"\s*\)|(?:^|\n)import\s+"([^"]+)"/g,
      ),
    ].map((match) => resolveImport(path, match[1] ?? match[2] ?? match[3]));
    files.push({ path, text, imports });
  }
  return files;
}

function isTestFile(path: string): boolean {
  return path.endsWith("_test.ts") || path.includes("/testing/");
}

/** Whether the path is one of the files, or lies in one of the folders. */
function isUnder(path: string, places: readonly string[]): boolean {
  return places.some((place) => path.startsWith(place));
}

function isLeaf(path: string): boolean {
  return isUnder(path, [...LEAVES, ...IMPURE_LEAVES]);
}

/** The longest name of a wing that the file lies in; "" outside of all. */
function wingOf(path: string, wings: readonly string[]): string {
  const inside = path.split("/").slice(2).join("/");
  return wings.filter((wing) => inside.startsWith(`${wing}/`))
    .sort((a, b) => b.length - a.length)[0] ?? "";
}

const files = await load("lib/");
const product = files.filter(({ path }) =>
  !isTestFile(path) && !path.endsWith("worker_bundle.ts")
);

Deno.test("the rooms are the ones the architecture names", () => {
  const rooms = new Set(
    product.map(({ path }) => path).filter((path) => !isLeaf(path)).map(roomOf),
  );
  assertEquals([...rooms].sort(), Object.keys(ALLOWED).sort());
});

/** Fails when some import of the product is wrong. */
function assertNone(
  isWrong: (target: string, path: string) => boolean,
): void {
  const wrong = product.flatMap(({ path, imports }) =>
    imports.filter((target) => isWrong(target, path))
      .map((target) => `${path} imports ${target}`)
  );
  assertEquals(wrong, []);
}

const roomOf = (path: string): string => path.split("/")[1];

/** Whether an import leads into another room. */
function leavesRoom(target: string, path: string): boolean {
  return target.startsWith("lib/") && !isLeaf(target) &&
    roomOf(target) !== roomOf(path);
}

Deno.test("imports between rooms go only in the direction of the architecture", () =>
  assertNone((target, path) =>
    leavesRoom(target, path) && !isLeaf(path) &&
    !ALLOWED[roomOf(path)].includes(roomOf(target))
  ));

Deno.test("leaves import no room, and what is pure no leaf that is not", () =>
  assertNone((target, path) =>
    isLeaf(path) && target.startsWith("lib/") && !isLeaf(target) ||
    isUnder(path, PURE) && isUnder(target, IMPURE_LEAVES)
  ));

Deno.test("imports between the wings of a room go one way", () =>
  assertNone((target, path) => {
    const wings = WINGS[roomOf(path)] ?? {};
    const wing = wingOf(path, Object.keys(wings));
    const other = wingOf(target, Object.keys(wings));
    return wing !== "" && target.startsWith(`lib/${roomOf(path)}/`) &&
      other !== wing && !wings[wing].includes(other);
  }));

Deno.test("the framework of the command line imports no room", () =>
  assertNone((target, path) =>
    path.startsWith("lib/cli/framework/") && target.startsWith("lib/") &&
    !isLeaf(target) && !target.startsWith("lib/cli/framework/")
  ));

Deno.test("a room is imported through its mod.ts", () =>
  assertNone((target, path) =>
    leavesRoom(target, path) && target !== `lib/${roomOf(target)}/mod.ts`
  ));

Deno.test("the product imports no test code and no test library", () =>
  assertNone((target) => TEST_ONLY.includes(target) || isTestFile(target)));

Deno.test("no file imports itself through others", () => {
  const graph = new Map(product.map(({ path, imports }) => [path, imports]));
  const done = new Set<string>();
  const visit = (path: string, trail: string[]): void => {
    if (done.has(path)) return;
    const at = trail.indexOf(path);
    assert(at < 0, `cycle: ${[...trail.slice(at), path].join(" -> ")}`);
    for (const target of graph.get(path) ?? []) {
      visit(target, [...trail, path]);
    }
    done.add(path);
  };
  for (const path of graph.keys()) visit(path, []);
});

Deno.test("content, wire and text touch no file, socket, clock or randomness", () => {
  const wrong = product
    .filter(({ path }) => isUnder(path, PURE))
    .filter(({ text }) => IMPURE.test(text))
    .map(({ path }) => path);
  assertEquals(wrong, []);
});

Deno.test("every import in the product resolves to a file or to deno.json", () => {
  const known = new Set(files.map(({ path }) => path));
  const mapped = Object.keys(config.imports);
  assertNone((target) =>
    target.startsWith("lib/")
      ? !known.has(target)
      : ![...mapped, "deno.json"].includes(target) &&
        !target.startsWith("node:")
  );
});

Deno.test("what deno.json and deno.dev.json map is imported, and published under the same name", async () => {
  const mapped = Object.keys(devConfig.imports);
  const used = new Set(
    [...files, ...await load("tests/"), ...await load("scripts/")]
      .flatMap(({ imports }) => imports),
  );
  assertEquals(mapped.filter((name) => !used.has(name)), []);
  const published = Object.keys(jsrImports);
  assertEquals(published, mapped.filter((name) => name.startsWith("@std/")));
});
