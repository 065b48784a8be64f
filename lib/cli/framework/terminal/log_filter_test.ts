import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../../errors.ts";
import { chooseLogLevel } from "./log_filter.ts";

const byFilter = (filter: string) => chooseLogLevel(false, 0, filter);

Deno.test("chooseLogLevel goes by -v and -q, -v winning", () => {
  assertEquals(chooseLogLevel(false, 0, undefined), "warn");
  assertEquals(chooseLogLevel(true, 0, undefined), "error");
  assertEquals(chooseLogLevel(true, 1, ""), "info");
  assertEquals(chooseLogLevel(false, 2, " , "), "debug");
  assertEquals(chooseLogLevel(false, 9, undefined), "trace");
});

Deno.test("chooseLogLevel lets NET_MESH_LOG replace both", () => {
  assertEquals(chooseLogLevel(true, 0, "debug"), "debug");
  assertEquals(chooseLogLevel(false, 3, "off"), undefined);
  assertEquals(byFilter("INFO"), "info");
  assertEquals(byFilter("0"), undefined);
  assertEquals(byFilter("5"), "trace");
});

Deno.test("chooseLogLevel takes the targets of the reference for ours", () => {
  assertEquals(byFilter("net_mesh=debug"), "debug");
  assertEquals(byFilter("net=info,net_sdk=trace"), "trace");
  assertEquals(byFilter("net_sdk=trace,net=info"), "trace");
  assertEquals(byFilter("net_transfer=info,trace"), "info");
  assertEquals(byFilter("net=info, net=debug"), "debug");
  assertEquals(byFilter("net=off"), undefined);
  assertEquals(byFilter("net"), "trace");
  assertEquals(byFilter("warn,net_transfer"), "trace");
  assertEquals(byFilter("net="), "trace");
});

Deno.test("chooseLogLevel passes over what is about others", () => {
  assertEquals(byFilter("warn,other=trace"), "warn");
  assertEquals(byFilter("other=debug"), "error");
  assertEquals(byFilter("info,hyper"), "info");
  assertEquals(byFilter("info,net_sdk::transport=trace"), "info");
  assertEquals(byFilter("info,net[fetch{peer=1,kind=blob}]=trace"), "info");
  assertEquals(byFilter("info,[{peer}]=trace"), "info");
});

Deno.test("chooseLogLevel refuses what is no filter", () => {
  for (
    const [filter, part] of [
      ["loud", "loud"],
      ["net=loud", "loud"],
      ["info,net=6", "6"],
      ["net=info=debug", "net=info=debug"],
      ["=info", "=info"],
      ["a b", "a b"],
      ["net[span=info", "net[span=info"],
    ]
  ) {
    assertThrows(() => byFilter(filter), UsageError, `'${part}' is no `);
  }
});
