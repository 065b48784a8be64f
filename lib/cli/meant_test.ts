import { assertEquals, assertMatch } from "@std/assert";
import { encodeTicket } from "../mesh/mod.ts";
import { COMMAND_LINE } from "./command_line.ts";
import { COMMANDS } from "./commands.ts";
import { parseArguments } from "./framework/options/parse_arguments.ts";
import { route } from "./framework/route.ts";
import { extraWordHint, meantBy } from "./meant.ts";
import { GLOBAL_OPTIONS } from "./options/global_options.ts";

const VERBS = COMMANDS.map(({ name }) => name);
const NODE = {
  publicKey: new Uint8Array(32).fill(7),
  addresses: ["192.0.2.1:7700"],
};
const CONTENT = { form: "inline", hash: new Uint8Array(32), size: 9 } as const;
const DIR_TICKET = encodeTicket({
  ...NODE,
  content: { ...CONTENT, kind: "dir", name: "it's mine" },
});
const BLOB_TICKET = encodeTicket({
  ...NODE,
  content: { ...CONTENT, kind: "blob", name: "film.mkv" },
});
const NODE_TICKET = encodeTicket(NODE);
const REFERENCE = "ab".repeat(32);

/** The words of a command as a shell reads them, its placeholders filled in. */
function wordsOf(command: string): string[] {
  const values: Record<string, string> = {
    TICKET: NODE_TICKET,
    REF: REFERENCE,
  };
  return [...command.matchAll(/(?:'[^']*'|\\.|[^\s'])+/g)]
    .map(([word]) => word.replace(/'([^']*)'|\\(.)/g, "$1$2"))
    .map((word) => values[word] ?? word);
}

/** Parses a command as the program would; fails unless it is whole. */
async function parse(command: string): Promise<string> {
  const [, ...args] = wordsOf(command);
  const { words, entry, rest } = route(args, COMMAND_LINE);
  if (entry === undefined || !("load" in entry)) throw new Error(command);
  const { verb } = await entry.load();
  parseArguments(rest, {
    options: { ...GLOBAL_OPTIONS, ...verb.options },
    arguments: verb.arguments,
  });
  return words.join(" ");
}

/** The commands in a hint, each in quotes. */
function commandsIn(hint: string): string[] {
  return [...hint.matchAll(/'(net-transfer [^']*)'|`(net-transfer [^`]*)`/g)]
    .map(([, plain, other]) => plain ?? other);
}

const FIRST_WORDS: [word: string, rest: string[], verbs: string[]][] = [
  ...["send", "share", "push", "put", "upload", "publish"].map((
    word,
  ): [string, string[], string[]] => [word, [], [
    "serve",
    "send-dir",
    "send-blob",
  ]]),
  ...["receive", "recv", "rx", "pull", "download", "fetch"].map((
    word,
  ): [string, string[], string[]] => [word, [], ["get"]]),
  ["send", ["."], ["serve", "send-dir"]],
  ["SEND", ["-x", Deno.execPath()], ["serve", "send-blob"]],
  ["fetch", [DIR_TICKET], ["get"]],
  ["receive", ["--out", "x", BLOB_TICKET], ["get"]],
  ["copy", ["a", "b"], ["serve"]],
  ["sync", [], ["serve"]],
  [DIR_TICKET, [], ["get"]],
  [BLOB_TICKET.toUpperCase(), [], ["get"]],
  [NODE_TICKET, [], ["recv-dir", "recv-blob"]],
  [REFERENCE, [], ["recv-blob", "recv-dir"]],
  [".", [], ["serve", "send-dir"]],
  [Deno.execPath(), [], ["serve", "send-blob"]],
  [`@${Deno.execPath()}`, [], ["get"]],
];

// The first path that is parsed opens the system's library, for all of them.
await parse("net-transfer serve .");

for (const [word, rest, verbs] of FIRST_WORDS) {
  const typed = [word, ...rest].join(" ");
  Deno.test(`whoever types '${typed.slice(0, 40)}' is shown whole commands`, async () => {
    const commands = commandsIn(meantBy(word, VERBS, rest) ?? "");
    assertEquals(await Promise.all(commands.map(parse)), verbs);
  });
}

Deno.test("a ticket that is not whole is told from a word that nobody knows", () => {
  assertMatch(meantBy(DIR_TICKET.slice(0, -3), VERBS, [])!, /ticket.*but: /);
  assertEquals(meantBy("frobnicate", VERBS, []), undefined);
});

Deno.test("words of peers, and words that are nearly ours, lead to ours", () => {
  const options = ["--out", "--listen", "--psk-file", "--limit-rate", "--jobs"];
  const cases: [string, readonly string[], string | undefined][] = [
    ["list", VERBS, "ls"],
    ["keygen", VERBS, "identity generate"],
    ["ping", VERBS, "doctor"],
    ["SEND-BLOB", VERBS, "send-blob"],
    ["send_dir", VERBS, "send-dir"],
    ["gen", ["generate", "show"], "generate"],
    ["--dest", options, "--out"],
    ["--port", options, "--listen"],
    ["--bwlimit", options, "--limit-rate"],
    ["--threads", options, "--jobs"],
    ["--port", ["--node-addr"], "--node-addr"],
    ["--force", options, undefined],
  ];
  for (const [word, candidates, meant] of cases) {
    const hint = meant && `did you mean '${meant}'?`;
    assertEquals(meantBy(word, candidates), hint, word);
  }
});

Deno.test("a word too many is told which option takes it, if one does", () => {
  const receiving = ["out", "ticket", "blob-ref"];
  assertEquals(
    extraWordHint(DIR_TICKET, receiving),
    "a ticket is given with --ticket",
  );
  assertEquals(
    extraWordHint(REFERENCE, receiving),
    "a reference is given with --blob-ref",
  );
  assertEquals(
    extraWordHint("x", receiving),
    "where it goes is given with --out",
  );
  assertEquals(extraWordHint("x", ["store"]), undefined);
});
