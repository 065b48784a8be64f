import { assertEquals } from "@std/assert";
import { runtimeVersion } from "../../scripts/build.ts";

Deno.test("runtimeVersion finds the version in a runtime", () => {
  const binary = (text: string) => new TextEncoder().encode(text);
  assertEquals(runtimeVersion(binary("\0Deno Deno/x Deno/2.4.2\0")), "2.4.2");
  assertEquals(runtimeVersion(binary("Deno/2.10.0")), "2.10.0");
  assertEquals(runtimeVersion(binary("#!/bin/sh\nDeno")), undefined);
});
