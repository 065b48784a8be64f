import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  makePathFilter,
  parsePathPattern,
  parsePathPatterns,
  type PathType,
} from "./path_filter.ts";
import { makeTempDir } from "./testing/temp_tree.ts";

function hasGit(): boolean {
  try {
    return new Deno.Command("git", { args: ["--version"] }).outputSync()
      .success;
  } catch {
    return false;
  }
}

const git = hasGit();
/** Follows the names of the tests that need git: a quiet run prints only these. */
const SKIPPED = git ? "" : " (skipped: git is not installed)";

/** What git leaves out of a tree, as it says itself. */
class GitTree implements Disposable {
  readonly #dir = makeTempDir();
  readonly paths: ReadonlyMap<string, PathType>;

  constructor(files: readonly string[]) {
    const paths = new Map<string, PathType>();
    for (const file of files) {
      const names = file.split("/");
      for (let depth = 1; depth < names.length; depth++) {
        paths.set(names.slice(0, depth).join("/"), "dir");
      }
      paths.set(file, "file");
      Deno.mkdirSync(
        `${this.#dir.path}/${names.slice(0, -1).join("/")}`,
        { recursive: true },
      );
      Deno.writeTextFileSync(`${this.#dir.path}/${file}`, "");
    }
    this.paths = paths;
    this.#git(["init", "-q"], "");
  }

  #git(args: string[], stdin: string): string {
    const input = `${this.#dir.path}/.git_input`;
    Deno.writeTextFileSync(input, stdin);
    const { code, stdout, stderr } = new Deno.Command("sh", {
      args: ["-c", 'exec git "$@" < .git_input', "git", ...args],
      cwd: this.#dir.path,
      env: { GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null" },
    }).outputSync();
    // check-ignore ends with 1 when it finds nothing.
    assert(code <= 1, new TextDecoder().decode(stderr));
    return new TextDecoder().decode(stdout);
  }

  ignored(rules: string): Set<string> {
    Deno.writeTextFileSync(`${this.#dir.path}/.git/info/exclude`, rules);
    const found = this.#git(
      ["check-ignore", "--no-index", "--stdin", "-z"],
      [...this.paths.keys()].map((path) => `${path}\0`).join(""),
    );
    return new Set(found.split("\0").filter((path) => path !== ""));
  }

  [Symbol.dispose](): void {
    this.#dir[Symbol.dispose]();
  }
}

function excluded(
  rules: string,
  paths: ReadonlyMap<string, PathType>,
): Set<string> {
  const filter = makePathFilter({ exclude: parsePathPatterns(rules) });
  return new Set(
    [...paths].filter(([path, type]) => filter(path, type) === false)
      .map(([path]) => path),
  );
}

const FILES = [
  "a",
  "b.log",
  "keep.log",
  "#hash",
  "!bang",
  "back\\slash",
  "sp ",
  "br[1].txt",
  "x-y",
  "build/out.o",
  "build/keep.log",
  "src/build/out.o",
  "src/a/b/c/d.ts",
  "src/a/d.ts",
  "src/a/c/d.ts",
  "src/main.ts",
  "docs/a.md",
  "docs/deep/a.md",
  "docs/deep/er/a.md",
  "n0/n1",
  "n0/n2/n3.log",
  "über/naïve.txt",
];

const RULES = [
  "*.log",
  "*.log\n!keep.log",
  "build",
  "build/",
  "/build",
  "/build/\n!build/keep.log",
  "build/*\n!build/keep.log",
  "src/**/d.ts",
  "src/*/d.ts",
  "**/a.md",
  "docs/**",
  "docs/**\n!docs/deep/",
  "**/deep/**",
  "**",
  "/**",
  "**/",
  "*",
  "*\n!*/\n!*.md",
  "/*\n!/docs",
  "docs/",
  "a/",
  "a",
  "/a",
  "a/b",
  "src/a/**/**/d.ts",
  "***/d.ts",
  "\\#hash",
  "#hash",
  "\\!bang",
  "!bang",
  "back\\\\slash",
  "sp\\ ",
  "sp ",
  "br\\[1].txt",
  "br[[]1[]].txt",
  "br[1].txt",
  "[a-c]*",
  "[!a-c]*",
  "[^a-c]*",
  "[]x]-y",
  "x[a-]y",
  "x[--a]y",
  "n[[:digit:]]",
  "n[![:alpha:]]",
  "n[[:what:]]",
  "n[[:digit]0]",
  "n[0",
  "trailing\\",
  "?",
  "??log",
  "?.log",
  "n0/n?",
  "n0/n*/*.log",
  "/",
  "//",
  "!",
  "a\r",
  "\n\n  \nb.log",
  "über/",
  "naïve.*",
  "docs\\/a.md",
  "src/[a/]/d.ts",
  "src//main.ts",
  "./a",
  "../a",
  "a b",
];

Deno.test({
  name: "makePathFilter leaves out what git ignores, rule by rule" + SKIPPED,
  ignore: !git,
  fn: () => {
    using tree = new GitTree(FILES);
    for (const rules of RULES) {
      assertEquals(
        excluded(rules, tree.paths),
        tree.ignored(rules),
        JSON.stringify(rules),
      );
    }
  },
});

Deno.test({
  name: "makePathFilter leaves out what git ignores for generated rules" +
    SKIPPED,
  ignore: !git,
  fn: () => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    let state = seed;
    const below = (limit: number) => {
      state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
      return Math.floor(state / 0x80000000 * limit);
    };
    const pick = <T>(items: readonly T[]) => items[below(items.length)];
    const names = ["a", "b", "ab", "ba", "aab", "a.b"];
    const files = new Set<string>();
    for (let count = 0; count < 60; count++) {
      const path = Array.from({ length: 1 + below(4) }, () => pick(names));
      // A name that is a file cannot hold others.
      files.add([...path, `${pick(names)}.f`].join("/"));
    }
    const parts = [..."aabb.*?/", "**", "*", "/", "**/", "/**", "[ab]", "[!a]"];
    using tree = new GitTree([...files]);
    for (let count = 0; count < 120; count++) {
      const rules = Array.from({ length: 1 + below(4) }, () => {
        const glob = Array.from({ length: 1 + below(6) }, () => pick(parts));
        return (below(4) === 0 ? "!" : "") + glob.join("");
      })
        // git compares the beginning that has no wildcard by itself, and then
        // takes the ** of a** for one between slashes, against its own page.
        .filter((rule) => !/[^/!*]\*\*|\*\*[^/*]/.test(rule)).join("\n");
      assertEquals(
        excluded(rules, tree.paths),
        tree.ignored(rules),
        `seed ${seed}, rules ${JSON.stringify(rules)}`,
      );
    }
  },
});

Deno.test("makePathFilter keeps what is included, and enters directories to find it", () => {
  const filter = makePathFilter({
    include: parsePathPatterns("*.md\n/docs/api/\n"),
    exclude: parsePathPatterns("secret*"),
  });
  assertEquals(filter("readme.md", "file"), true);
  assertEquals(filter("main.ts", "file"), false);
  assertEquals(filter("docs", "dir"), "if_needed");
  assertEquals(filter("docs/api", "dir"), true);
  assertEquals(filter("docs/api/x/y.ts", "file"), true);
  assertEquals(filter("docs/api/link", "symlink"), true);
  assertEquals(filter("docs/api/secret.md", "file"), false);
  assertEquals(filter("secrets", "dir"), false);
  assertEquals(filter("secrets/a.md", "file"), false);
  assertEquals(filter("api", "file"), false);
});

Deno.test("makePathFilter lets an include pattern take back an earlier one", () => {
  const filter = makePathFilter({
    include: parsePathPatterns("/docs/\n!*.tmp"),
  });
  assertEquals(filter("docs/a.md", "file"), true);
  assertEquals(filter("docs/a.tmp", "file"), false);
});

Deno.test("makePathFilter keeps everything without rules", () => {
  const filter = makePathFilter({});
  assertEquals(filter("a/b", "file"), true);
  assertEquals(filter("a", "dir"), true);
});

Deno.test("makePathFilter is quick whatever a file is called", () => {
  const filter = makePathFilter({
    exclude: parsePathPatterns("*a*a*a*a*a*a*a*b\n**/a/**/a/**/a/**/b"),
  });
  assertEquals(filter("a".repeat(4000), "file"), true);
  assertEquals(filter(Array(200).fill("a").join("/"), "file"), true);
});

Deno.test("parsePathPattern says why a pattern can match nothing", () => {
  assertThrows(() => parsePathPattern("[ab"), RangeError, "never ends it");
  assertThrows(() => parsePathPattern("[[:digt:]]"), RangeError, "[:digt:]");
  assertThrows(() => parsePathPattern("a\\"), RangeError, "backslash");
  assertThrows(() => parsePathPattern("/"), RangeError, "names nothing");
  assertEquals(parsePathPattern("# comment"), undefined);
});

Deno.test("parsePathPatterns tells about lines that it ignores", () => {
  const problems: [number, string][] = [];
  const patterns = parsePathPatterns(
    "\ufeffa\r\n[b\nc",
    (line, reason) => problems.push([line, reason]),
  );
  assertEquals(patterns.map(({ text }) => text), ["a", "c"]);
  assertEquals(problems.map(([line]) => line), [2]);
});
