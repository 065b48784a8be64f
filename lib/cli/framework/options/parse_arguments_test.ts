import { assertEquals, assertThrows } from "@std/assert";
import { RefError, TransferError, UsageError } from "../../../errors.ts";
import {
  argument,
  counted,
  flag,
  optional,
  repeatable,
  required,
  restArguments,
  withDefault,
} from "./option.ts";
import { findFirstWord, parseArguments } from "./parse_arguments.ts";
import { UnknownWordError } from "./tokens.ts";
import { SECRET_HEX32 } from "./hex32.ts";
import { choice, count, FILE, U64 } from "./value_kind.ts";

const OPTIONS = {
  quiet: flag("quiet", { short: "q", help: "" }),
  verbose: counted("verbose", { short: "v", help: "" }),
  out: required("out", FILE, { short: "o", help: "" }),
  nodeId: optional("node-id", U64, { help: "" }),
  allow: repeatable("allow", U64, { help: "" }),
  color: withDefault("color", choice("WHEN", ["auto", "never"]), "auto", {
    help: "",
  }),
  noColor: flag("no-color", { help: "", conflicts: ["color"] }),
  psk: optional("psk", SECRET_HEX32, { help: "" }),
  ref: optional("ref", {
    metavar: "REF",
    parse(): string {
      throw new RefError("reference is empty", { hint: "give one" });
    },
  }, { help: "" }),
  hex: optional("hex", U64, { help: "", env: "HEX", conflicts: ["file"] }),
  file: optional("file", FILE, { help: "", env: "FILE", conflicts: ["hex"] }),
};

/** Parses a command line that has what is required. */
const parse = (args: string, env: Record<string, string> = {}) =>
  parseArguments(args.split(" "), { options: OPTIONS, arguments: {} }, {
    env: (name) => env[name],
  });

Deno.test("parseArguments reads a value behind a blank or an equals sign", () => {
  const cases = [
    ["--out a", "a"],
    ["--out=a=b", "a=b"],
    ["--out -", "-"],
    ["--out=--x", "--x"],
    ["-oa", "a"],
    ["-o=a", "a"],
    ["-qvo a", "a"],
  ];
  for (const [args, out] of cases) assertEquals(parse(args).values.out, out);
});

Deno.test("parseArguments fills in what is not given", () => {
  assertEquals(parse("--out a").values, {
    quiet: false,
    verbose: 0,
    out: "a",
    nodeId: undefined,
    allow: [],
    color: "auto",
    noColor: false,
    psk: undefined,
    ref: undefined,
    hex: undefined,
    file: undefined,
  });
});

Deno.test("parseArguments counts, clusters and collects", () => {
  const { values } = parse("-vqvv --verbose --allow 1 --out a --allow 0x10");
  assertEquals(values.verbose, 4);
  assertEquals(values.quiet, true);
  assertEquals(values.allow, [1n, 16n]);
});

const NO_VALUE = "a value is required for '--out <FILE>' but none was supplied";
const REFUSED: Record<string, string> = {
  "--out a --out b":
    "the argument '--out <FILE>' cannot be used multiple times",
  "-q --quiet": "the argument '--quiet' cannot be used multiple times",
  "-q": "the following required argument was not provided: --out <FILE>",
  "--out": NO_VALUE,
  "--out --quiet": NO_VALUE,
  "--quiet=yes": "unexpected value 'yes' for '--quiet' found; it takes none",
  "--otu a": "unexpected argument '--otu' found",
  "-x": "unexpected argument '-x' found",
  "--out a --node-id bob":
    "invalid value 'bob' for '--node-id <N>': not a decimal or 0x-hexadecimal number",
  "--out a --color Auto":
    "invalid value 'Auto' for '--color <WHEN>': possible values: auto, never",
  "--out a --psk deadbeef":
    "invalid value for '--psk <HEX>': expected 64 hexadecimal digits (32 bytes), got 8",
  "--out a --hex 1 --file f":
    "the argument '--hex <N>' cannot be used with '--file <FILE>'",
  "--out a --no-color --color never":
    "the argument '--no-color' cannot be used with '--color <WHEN>'",
  "--out a b": "unexpected argument 'b' found",
};
const HINTS: Record<string, string> = {
  "--out --quiet": "a value that starts with a dash is written --out=VALUE",
  "-x": "what starts with a dash and is no option goes after --",
};

Deno.test("parseArguments says precisely what it refuses", () => {
  for (const [args, message] of Object.entries(REFUSED)) {
    const error = assertThrows(() => parse(args), UsageError);
    assertEquals([error.message, error.hint], [message, HINTS[args]], args);
  }
});

Deno.test("parseArguments names an unknown option and knows the right ones", () => {
  const error = assertThrows(() => parse("--otu a"), UnknownWordError);
  assertEquals(error.word, "--otu");
  assertEquals(
    error.candidates,
    Object.values(OPTIONS).map(({ name }) => `--${name}`),
  );
});

Deno.test("parseArguments keeps the kind of an error of a value", () => {
  const error = assertThrows(() => parse("--ref x"), TransferError);
  assertEquals([error.kind, error.hint], ["reference", "give one"]);
  assertEquals(
    error.message,
    "invalid value for '--ref <REF>': reference is empty",
  );
});

Deno.test("parseArguments reads a variable when neither the flag nor a rival is given", () => {
  const cases: [string, Record<string, string>, unknown, unknown][] = [
    ["--out a", { HEX: "7" }, 7n, undefined],
    ["--out a --hex 1", { HEX: "7" }, 1n, undefined],
    ["--out a", { HEX: "" }, undefined, undefined],
    ["--out a --file f", { HEX: "7" }, undefined, "f"],
  ];
  for (const [args, env, hex, file] of cases) {
    const { values } = parse(args, env);
    assertEquals([values.hex, values.file], [hex, file], args);
  }
  assertThrows(
    () => parse("--out a", { HEX: "x" }),
    UsageError,
    "invalid value 'x' for 'HEX'",
  );
  assertThrows(
    () => parse("--out a", { HEX: "7", FILE: "f" }),
    UsageError,
    "the argument 'HEX' cannot be used with 'FILE'",
  );
});

Deno.test("parseArguments tells what stood on the command line and what did not", () => {
  const { onCommandLine, fromEnvironment } = parse("-q --out a", { HEX: "5" });
  assertEquals([...onCommandLine], ["quiet", "out"]);
  assertEquals([...fromEnvironment], ["hex"]);
});

Deno.test("parseArguments stops at help before anything is missing", () => {
  const options = { ...OPTIONS, help: flag("help", { short: "h", help: "" }) };
  const { stoppedAt } = parseArguments(["-qh"], { options, arguments: {} }, {
    stopAt: ["help"],
  });
  assertEquals(stoppedAt, "help");
});

Deno.test("parseArguments places words, and takes flags as words behind --", () => {
  const grammar = {
    options: {},
    arguments: {
      path: argument(FILE, "one"),
      more: restArguments(count(0, 9), "more"),
    },
  };
  const { values } = parseArguments(["--", "--a", "1", "2"], grammar);
  assertEquals(values, { path: "--a", more: [1, 2] });
  assertThrows(
    () => parseArguments([], grammar),
    UsageError,
    "not provided: <FILE>",
  );
});

Deno.test("findFirstWord skips the values of options", () => {
  const options = { out: OPTIONS.out, quiet: OPTIONS.quiet };
  assertEquals(findFirstWord(["--out", "a", "-q", "verb"], options), 3);
  assertEquals(findFirstWord(["--out=a"], options), undefined);
  assertEquals(findFirstWord(["-q", "verb"], options, ["quiet"]), undefined);
});

Deno.test("an option that may stand alone takes what follows only where that is one of its words", () => {
  const qr = withDefault("qr", choice("WHEN", ["always", "auto"]), "auto", {
    help: "",
    bare: "always",
  });
  const qrOf = (line: string) => {
    const { values } = parseArguments(
      line.split(" "),
      {
        options: { qr },
        arguments: { words: restArguments(FILE, "") },
      },
    );
    return [values.qr, values.words];
  };
  assertEquals(qrOf("--qr"), ["always", []]);
  assertEquals(qrOf("--qr file"), ["always", ["file"]]);
  assertEquals(qrOf("file --qr auto"), ["auto", ["file"]]);
  assertEquals(qrOf("--qr=auto auto"), ["auto", ["auto"]]);
  assertEquals(qrOf("x -- --qr"), ["auto", ["x", "--qr"]]);
  assertThrows(() => qrOf("--qr=never"), UsageError);
});
