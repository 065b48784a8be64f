import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  makePathFilter,
  parsePathPattern,
  parsePathPatterns,
  type PathFilter,
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
  ...["a", "b.log", "keep.log", "build/out.o", "build/keep.log"],
  ...["#hash", "!bang", "back\\slash", "sp ", "br[1].txt", "x-y"],
  ...["src/build/out.o", "src/a/b/c/d.ts", "src/a/d.ts", "src/a/c/d.ts"],
  ...["src/main.ts", "docs/a.md", "docs/deep/a.md", "docs/deep/er/a.md"],
  ...["n0/n1", "n0/n2/n3.log", "über/naïve.txt"],
];

/** What each rule of gitignore(5) is about. */
const RULES: Readonly<Record<string, readonly string[]>> = {
  names: ["*.log", "*.log\n!keep.log", "build", "a", "naïve.*", "a b"],
  directories: ["build/", "docs/", "a/", "über/", "**/", "n0/n?"],
  "the root": ["/build", "/a", "a/b", "src//main.ts", "./a", "../a"],
  "taking back": [
    ...["/build/\n!build/keep.log", "build/*\n!build/keep.log", "/*\n!/docs"],
    ...["*\n!*/\n!*.md", "docs/**\n!docs/deep/"],
  ],
  "any depth": [
    ...["src/**/d.ts", "src/*/d.ts", "**/a.md", "docs/**", "**/deep/**", "**"],
    ...["/**", "*", "src/a/**/**/d.ts", "***/d.ts", "n0/n*/*.log"],
  ],
  escapes: [
    ...["\\#hash", "\\!bang", "back\\\\slash", "sp\\ ", "br\\[1].txt"],
    ...["docs\\/a.md", "trailing\\"],
  ],
  "no pattern": ["#hash", "!bang", "/", "//", "!", "sp ", "a\r"],
  lines: ["\n\n  \nb.log"],
  classes: [
    ...["br[[]1[]].txt", "br[1].txt", "[a-c]*", "[!a-c]*", "[^a-c]*", "[]x]-y"],
    ...["x[a-]y", "x[--a]y", "n[[:digit:]]", "n[![:alpha:]]", "n[[:what:]]"],
    ...["n[[:digit]0]", "n[0", "src/[a/]/d.ts"],
  ],
  "one character": ["?", "??log", "?.log"],
};

Deno.test({
  name: "makePathFilter leaves out what git ignores, rule by rule" + SKIPPED,
  ignore: !git,
  fn: () => {
    using tree = new GitTree(FILES);
    for (const rules of Object.values(RULES).flat()) {
      const name = JSON.stringify(rules);
      assertEquals(excluded(rules, tree.paths), tree.ignored(rules), name);
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
    const files = Array.from({ length: 60 }, () => {
      const path = Array.from({ length: 1 + below(4) }, () => pick(names));
      // A name that is a file cannot hold others.
      return [...path, `${pick(names)}.f`].join("/");
    });
    const parts = [..."aabb.*?/", "**", "*", "/", "**/", "/**", "[ab]", "[!a]"];
    using tree = new GitTree(files);
    for (let count = 0; count < 120; count++) {
      const rules = Array.from({ length: 1 + below(4) }, () => {
        const glob = Array.from({ length: 1 + below(6) }, () => pick(parts));
        return (below(4) === 0 ? "!" : "") + glob.join("");
      })
        // git compares the beginning that has no wildcard by itself, and then
        // takes the ** of a** for one between slashes, against its own page.
        .filter((rule) => !/[^/!*]\*\*|\*\*[^/*]/.test(rule)).join("\n");
      const name = `seed ${seed}, rules ${JSON.stringify(rules)}`;
      assertEquals(excluded(rules, tree.paths), tree.ignored(rules), name);
    }
  },
});

Deno.test("makePathFilter keeps what is included, and enters directories to find it", () => {
  const part = { include: "*.md\n/docs/api/\n", exclude: "secret*" };
  const takenBack = { include: "/docs/\n!*.tmp" };
  const cases: [
    rules: { include?: string; exclude?: string },
    path: string,
    type: PathType,
    kept: ReturnType<PathFilter>,
  ][] = [
    [part, "readme.md", "file", true],
    [part, "main.ts", "file", false],
    [part, "docs", "dir", "if_needed"],
    [part, "docs/api", "dir", true],
    [part, "docs/api/x/y.ts", "file", true],
    [part, "docs/api/link", "symlink", true],
    [part, "docs/api/secret.md", "file", false],
    [part, "secrets", "dir", false],
    [part, "secrets/a.md", "file", false],
    [part, "api", "file", false],
    [takenBack, "docs/a.md", "file", true],
    [takenBack, "docs/a.tmp", "file", false],
    [{}, "a/b", "file", true],
    [{}, "a", "dir", true],
  ];
  for (const [{ include, exclude }, path, type, kept] of cases) {
    const filter = makePathFilter({
      include: include === undefined ? undefined : parsePathPatterns(include),
      exclude: exclude === undefined ? undefined : parsePathPatterns(exclude),
    });
    assertEquals(filter(path, type), kept, path);
  }
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
  const lines: number[] = [];
  const patterns = parsePathPatterns(
    "\ufeffa\r\n[b\nc",
    (line) => lines.push(line),
  );
  assertEquals(patterns.map(({ text }) => text), ["a", "c"]);
  assertEquals(lines, [2]);
});
