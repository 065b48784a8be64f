import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../errors.ts";
import { flag, optional } from "./options/option.ts";
import { UnknownWordError } from "./options/tokens.ts";
import { FILE } from "./options/value_kind.ts";
import type { VerbEntry } from "./program.ts";
import { route } from "./route.ts";

const verb = (name: string): VerbEntry => ({
  name,
  summary: "",
  load: () => Promise.reject(new Error("loaded too early")),
});
const PROGRAM = {
  commands: [verb("get"), { name: "key", summary: "", verbs: [verb("show")] }],
  globals: {
    config: optional("config", FILE, { help: "" }),
    help: flag("help", { short: "h", help: "" }),
  },
  ignoredWord: "demo",
};

Deno.test("route finds the verb between options, behind words that change nothing", () => {
  const cases: [args: string, words: string, rest: string][] = [
    ["get a", "get", "a"],
    ["demo get", "get", ""],
    ["--config get key show x", "key show", "--config get x"],
    ["key", "key", ""],
    ["help demo get", "get", "--help"],
    ["demo help key show", "key show", "--help"],
    ["-h get", "", "-h get"],
    ["get demo help", "get", "demo help"],
  ];
  for (const [args, words, rest] of cases) {
    const found = route(args.split(" "), PROGRAM);
    assertEquals(found.words.join(" "), words, args);
    assertEquals(found.rest.join(" "), rest, args);
    assertEquals(found.entry?.name, found.words.at(-1), args);
  }
});

Deno.test("route names a word that is no verb, and those that are", () => {
  for (
    const [args, named, candidates] of [
      ["gte", "gte", ["get", "key"]],
      ["key shw", "key shw", ["show"]],
    ] as const
  ) {
    const error = assertThrows(
      () => route(args.split(" "), PROGRAM),
      UnknownWordError,
      `unrecognized subcommand '${named}'`,
    );
    assertEquals(error.candidates, candidates);
  }
  assertThrows(
    () => route(["--nope", "get"], PROGRAM),
    UsageError,
    "'--nope'",
  );
});
