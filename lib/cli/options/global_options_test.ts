import { assertEquals } from "@std/assert";
import { idleOptions } from "./global_options.ts";

Deno.test("idleOptions names the global options that mean nothing to a verb", () => {
  const given = new Set(["timeout", "profile", "config", "quiet", "store"]);
  assertEquals(idleOptions("local", given), ["config", "profile", "timeout"]);
  assertEquals(idleOptions("config", given), ["profile", "timeout"]);
  assertEquals(idleOptions("profile", given), ["timeout"]);
  assertEquals(idleOptions("remote", given), []);
});

Deno.test("idleOptions names nothing that was not given", () => {
  assertEquals(idleOptions("local", new Set()), []);
});
