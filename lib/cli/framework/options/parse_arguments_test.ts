import { assertEquals, assertThrows } from "@std/assert";
import { RefError, UsageError } from "../../../errors.ts";
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
};

const parse = (
  args: string[],
  env: Record<string, string> = {},
  options = OPTIONS,
) =>
  parseArguments(args, { options, arguments: {} }, {
    env: (name) => env[name],
    stopAt: ["help"],
  }).values;

Deno.test("parseArguments reads a value behind a blank or an equals sign", () => {
  assertEquals(parse(["--out", "a"]).out, "a");
  assertEquals(parse(["--out=a=b"]).out, "a=b");
  assertEquals(parse(["--out", "-"]).out, "-");
  assertEquals(parse(["--out=--x"]).out, "--x");
  assertEquals(parse(["-oa"]).out, "a");
  assertEquals(parse(["-qvo", "a"]).out, "a");
});

Deno.test("parseArguments counts and clusters short flags", () => {
  const values = parse(["-vqvv", "--verbose", "--out", "a"]);
  assertEquals(values.verbose, 4);
  assertEquals(values.quiet, true);
});

Deno.test("parseArguments fills in what is not given", () => {
  assertEquals(parse(["--out", "a"]), {
    quiet: false,
    verbose: 0,
    out: "a",
    nodeId: undefined,
    allow: [],
    color: "auto",
    noColor: false,
  });
});

Deno.test("parseArguments collects a repeatable option", () => {
  const values = parse(["--allow", "1", "--out", "a", "--allow", "0x10"]);
  assertEquals(values.allow, [1n, 16n]);
});

Deno.test("parseArguments refuses a second value and a second flag", () => {
  for (const twice of [["--out", "a", "--out", "b"], ["-q", "--quiet"]]) {
    assertThrows(
      () => parse(["--node-id", "1", ...twice]),
      UsageError,
      "cannot be used multiple times",
    );
  }
});

Deno.test("parseArguments names what is required and missing", () => {
  assertThrows(
    () => parse([]),
    UsageError,
    "the following required argument was not provided: --out <FILE>",
  );
});

Deno.test("parseArguments wants a value and says how one starts with a dash", () => {
  assertThrows(
    () => parse(["--out"]),
    UsageError,
    "a value is required for '--out <FILE>' but none was supplied",
  );
  const error = assertThrows(() => parse(["--out", "--quiet"]), UsageError);
  assertEquals(
    error.hint,
    "a value that starts with a dash is written --out=VALUE",
  );
});

Deno.test("parseArguments refuses a value for a flag", () => {
  assertThrows(() => parse(["--quiet=yes"]), UsageError, "it takes none");
});

Deno.test("parseArguments names an unknown option and knows the right ones", () => {
  const error = assertThrows(() => parse(["--otu", "a"]), UnknownWordError);
  assertEquals(error.message, "unexpected argument '--otu' found");
  assertEquals(error.candidates.includes("--out"), true);
  const short = assertThrows(() => parse(["-x"]), UsageError, "'-x'");
  assertEquals(
    short.hint,
    "what starts with a dash and is no option goes after --",
  );
});

Deno.test("parseArguments names the flag and the value that is wrong", () => {
  assertThrows(
    () => parse(["--out", "a", "--node-id", "bob"]),
    UsageError,
    "invalid value 'bob' for '--node-id <N>': not a decimal",
  );
  assertThrows(
    () => parse(["--out", "a", "--color", "Auto"]),
    UsageError,
    "possible values: auto, never",
  );
});

Deno.test("parseArguments never repeats a secret", () => {
  const options = {
    ...OPTIONS,
    psk: optional("psk", SECRET_HEX32, { help: "" }),
  };
  const error = assertThrows(() => {
    parse(["--out", "a", "--psk", "deadbeef"], {}, options);
  }, UsageError);
  assertEquals(error.message.includes("deadbeef"), false);
});

Deno.test("parseArguments keeps the kind of an error of a value", () => {
  const options = {
    ...OPTIONS,
    ref: optional("ref", {
      metavar: "REF",
      parse(): string {
        throw new RefError("reference is empty", { hint: "give one" });
      },
    }, { help: "" }),
  };
  const error = assertThrows(() => parse(["--ref", "x"], {}, options));
  assertEquals(
    error instanceof Error && "kind" in error && error.kind,
    "reference",
  );
  assertEquals(
    error instanceof Error && "hint" in error && error.hint,
    "give one",
  );
});

const PSK = {
  ...OPTIONS,
  hex: optional("hex", U64, { help: "", env: "HEX", conflicts: ["file"] }),
  file: optional("file", FILE, { help: "", env: "FILE", conflicts: ["hex"] }),
};

Deno.test("parseArguments reads a variable when the flag is not given", () => {
  assertEquals(parse(["--out", "a"], { HEX: "7" }, PSK).hex, 7n);
  assertEquals(parse(["--out", "a", "--hex", "1"], { HEX: "7" }, PSK).hex, 1n);
  assertEquals(parse(["--out", "a"], { HEX: "" }, PSK).hex, undefined);
  assertThrows(
    () => parse(["--out", "a"], { HEX: "x" }, PSK),
    UsageError,
    "invalid value 'x' for 'HEX'",
  );
});

Deno.test("parseArguments lets a flag win over the variable of its rival", () => {
  const values = parse(["--out", "a", "--file", "f"], { HEX: "7" }, PSK);
  assertEquals([values.hex, values.file], [undefined, "f"]);
});

Deno.test("parseArguments refuses rivals, from wherever both come", () => {
  assertThrows(
    () => parse(["--out", "a", "--hex", "1", "--file", "f"], {}, PSK),
    UsageError,
    "the argument '--hex <N>' cannot be used with '--file <FILE>'",
  );
  assertThrows(
    () => parse(["--out", "a"], { HEX: "7", FILE: "f" }, PSK),
    UsageError,
    "the argument 'HEX' cannot be used with 'FILE'",
  );
});

Deno.test("parseArguments tells what stood on the command line and what did not", () => {
  const limit = optional("limit", count(0, 9), { env: "LIMIT", help: "" });
  const { onCommandLine, fromEnvironment } = parseArguments(["-q"], {
    options: { quiet: flag("quiet", { short: "q", help: "" }), limit },
    arguments: {},
  }, { env: (name) => name === "LIMIT" ? "5" : undefined });
  assertEquals([...onCommandLine], ["quiet"]);
  assertEquals([...fromEnvironment], ["limit"]);
});

Deno.test("parseArguments stops at help before anything is missing", () => {
  const options = { ...OPTIONS, help: flag("help", { short: "h", help: "" }) };
  const { stoppedAt } = parseArguments(["-qh"], { options, arguments: {} }, {
    stopAt: ["help"],
  });
  assertEquals(stoppedAt, "help");
});

Deno.test("parseArguments places words, and takes flags as words behind --", () => {
  const table = {
    path: argument(FILE, "one"),
    more: restArguments(count(0, 9), "more"),
  };
  const { values } = parseArguments(["--", "--a", "1", "2"], {
    options: {},
    arguments: table,
  });
  assertEquals(values, { path: "--a", more: [1, 2] });
  assertThrows(
    () =>
      parseArguments(["a", "b"], {
        options: {},
        arguments: { path: argument(FILE, "one") },
      }),
    UsageError,
    "unexpected argument 'b' found",
  );
  assertThrows(
    () => parseArguments([], { options: {}, arguments: table }),
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
