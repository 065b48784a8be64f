import { assertEquals } from "@std/assert";
import { globalOptionsFor, idleOptions, type Scope } from "./global_options.ts";

Deno.test("idleOptions names the global options that mean nothing to a verb", () => {
  const given = new Set(["timeout", "profile", "config", "quiet", "store"]);
  const idle = (scope: Scope) => idleOptions(globalOptionsFor(scope), given);
  assertEquals(idle("local"), ["config", "profile", "timeout"]);
  assertEquals(idle("config"), ["profile", "timeout"]);
  assertEquals(idle("profile"), ["timeout"]);
  assertEquals(idle("remote"), []);
});

Deno.test("idleOptions names nothing that was not given", () => {
  assertEquals(idleOptions({}, new Set()), []);
});
