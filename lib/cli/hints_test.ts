import { assertEquals } from "@std/assert";
import { walk } from "@std/fs";
import { fromFileUrl } from "@std/path";
import { everyPage, loadCatalog } from "./framework/catalog.ts";
import { COMMAND_LINE } from "./command_line.ts";

const LIB: string = fromFileUrl(new URL("../", import.meta.url));
/** Flags of the runtime and of other programs' commands that texts name. */
const FOREIGN = [
  ...["all", "env", "ffi", "net", "read", "run", "sys", "write"]
    .map((what) => `allow-${what}`),
  // Of `aws configure export-credentials`.
  "format",
];
/** Loaded before the test: verbs open libraries that stay open. */
const CATALOG = await loadCatalog(COMMAND_LINE);
/** Not texts of ours: labels of keys, scripts of shells, collected sources. */
const SKIPPED =
  /handshake\/|meeting\/(?:cpace|meeting_secrets|seal)\.ts$|_test\.ts$|_bundle\.ts$|\/testing\/|\/completion\//;

/** The texts of a source, what they are filled with left out. */
function literalsIn(source: string): string[] {
  const code = source.replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/^\s*\/\/.*$/gm, "");
  return code.match(/"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g) ?? [];
}

function* flagsIn(text: string): Generator<string, void> {
  for (const [, flag] of text.matchAll(/(?<![\w-])--([a-z][a-z-]*[a-z])/g)) {
    yield flag;
  }
}

const PAGES = [...everyPage(CATALOG)];

/** The command lines, without the program's name, that a text names. */
function* commandsIn(literal: string): Generator<string, void> {
  const text = literal.slice(1, -1).replaceAll(/\$\{[^}]*\}/g, "X")
    .replaceAll("X --help", "--help");
  for (const [, line] of text.matchAll(/'net-transfer ([^']+)'/g)) yield line;
  for (const [, line] of text.matchAll(/^net-transfer ([a-z].*)$/gm)) {
    yield line;
  }
  // Without the program's name it is one if it begins with a verb and a flag.
  for (const [, line] of text.matchAll(/'([a-z-]+ --[^']*)'/g)) {
    if (PAGES.some(({ words }) => words.join(" ") === line.split(" ")[0])) {
      yield line;
    }
  }
}

/** What is wrong with a command line that people are told to type. */
function faultOf(line: string): string | undefined {
  const words = line.split(" ");
  const named = words.slice(
    0,
    words.findIndex((word) => !/^[a-z-]+$/.test(word)) >>> 0,
  );
  const page = PAGES.findLast((page) =>
    page.words.every((word, at) => word === named[at])
  );
  if (
    page === undefined || page.words.length === 0 && /^[a-z]/.test(words[0])
  ) {
    return `no verb: ${line}`;
  }
  const known = page.options.map(({ name }) => name);
  const wrong = [...flagsIn(line)].find((flag) => !known.includes(flag));
  return wrong && `no --${wrong} of ${page.words.join(" ")}: ${line}`;
}

Deno.test("every flag that a message or a hint names exists", async () => {
  const known = new Set(FOREIGN);
  for (const page of everyPage(CATALOG)) {
    for (const { name } of page.options) known.add(name);
  }
  const unknown: string[] = [];
  let seen = 0;
  for await (const { path } of walk(LIB, { exts: [".ts"], skip: [SKIPPED] })) {
    for (const literal of literalsIn(await Deno.readTextFile(path))) {
      for (const flag of flagsIn(literal)) {
        seen++;
        if (!known.has(flag)) {
          unknown.push(`${path.slice(LIB.length)}: --${flag}`);
        }
      }
    }
  }
  assertEquals(unknown, []);
  assertEquals(seen > 50, true, "the texts were found");
});

Deno.test("every command that a message or a hint names has its verb and its flags", async () => {
  const faults: string[] = [];
  let seen = 0;
  for await (const { path } of walk(LIB, { exts: [".ts"], skip: [SKIPPED] })) {
    for (const literal of literalsIn(await Deno.readTextFile(path))) {
      for (const line of commandsIn(literal)) {
        seen++;
        const fault = faultOf(line);
        if (fault !== undefined) {
          faults.push(`${path.slice(LIB.length)}: ${fault}`);
        }
      }
    }
  }
  assertEquals(faults, []);
  assertEquals(seen > 10, true, "the commands were found");
});

Deno.test("a command with a wrong verb or another verb's flag is found", () => {
  assertEquals(faultOf("serve ./photos --via X"), undefined);
  assertEquals(faultOf("identity generate --out FILE"), undefined);
  assertEquals(faultOf("fetch TICKET"), "no verb: fetch TICKET");
  assertEquals(faultOf("ls --relay"), "no --relay of ls: ls --relay");
});
