import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../../errors.ts";
import { chooseLogLevel } from "./log_filter.ts";

const filter = (value?: string) => ({
  variable: "LOG",
  value,
  targets: ["own_name", "own_sdk", "own_mesh"],
});
const byFilter = (value: string) => chooseLogLevel(false, 0, filter(value));

Deno.test("chooseLogLevel goes by -v and -q, -v winning", () => {
  assertEquals(chooseLogLevel(false, 0, filter()), "warn");
  assertEquals(chooseLogLevel(true, 0, filter()), "error");
  assertEquals(chooseLogLevel(true, 1, filter("")), "info");
  assertEquals(chooseLogLevel(false, 2, filter(" , ")), "debug");
  assertEquals(chooseLogLevel(false, 9, filter()), "trace");
});

Deno.test("chooseLogLevel lets the variable replace both", () => {
  assertEquals(chooseLogLevel(true, 0, filter("debug")), "debug");
  assertEquals(chooseLogLevel(false, 3, filter("off")), undefined);
  assertEquals(byFilter("INFO"), "info");
  assertEquals(byFilter("0"), undefined);
  assertEquals(byFilter("5"), "trace");
});

Deno.test("chooseLogLevel takes each of the names for the program", () => {
  assertEquals(byFilter("own_mesh=debug"), "debug");
  assertEquals(byFilter("own=info,own_sdk=trace"), "trace");
  assertEquals(byFilter("own_sdk=trace,own=info"), "trace");
  assertEquals(byFilter("own_name=info,trace"), "info");
  assertEquals(byFilter("own=info, own=debug"), "debug");
  assertEquals(byFilter("own=off"), undefined);
  assertEquals(byFilter("own"), "trace");
  assertEquals(byFilter("warn,own_name"), "trace");
  assertEquals(byFilter("own="), "trace");
});

Deno.test("chooseLogLevel passes over what is about others", () => {
  assertEquals(byFilter("warn,other=trace"), "warn");
  assertEquals(byFilter("other=debug"), "error");
  assertEquals(byFilter("info,hyper"), "info");
  assertEquals(byFilter("info,own_sdk::transport=trace"), "info");
  assertEquals(byFilter("info,own[fetch{peer=1,kind=blob}]=trace"), "info");
  assertEquals(byFilter("info,[{peer}]=trace"), "info");
});

Deno.test("chooseLogLevel refuses what is no filter", () => {
  for (
    const [value, part] of [
      ["loud", "loud"],
      ["own=loud", "loud"],
      ["info,own=6", "6"],
      ["own=info=debug", "own=info=debug"],
      ["=info", "=info"],
      ["a b", "a b"],
      ["own[span=info", "own[span=info"],
    ]
  ) {
    assertThrows(() => byFilter(value), UsageError, `'${part}' is no `);
  }
});
