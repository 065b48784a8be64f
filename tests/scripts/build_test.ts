import { assertEquals } from "@std/assert";
import { pruneLock, runtimeVersion } from "../../scripts/build.ts";

Deno.test("runtimeVersion finds the version in a runtime", () => {
  const binary = (text: string) => new TextEncoder().encode(text);
  assertEquals(runtimeVersion(binary("\0Deno Deno/x Deno/2.4.2\0")), "2.4.2");
  assertEquals(runtimeVersion(binary("Deno/2.10.0")), "2.10.0");
  assertEquals(runtimeVersion(binary("#!/bin/sh\nDeno")), undefined);
});

Deno.test("pruneLock keeps what the imports need, and what that needs", () => {
  const integrity = "sha512-x";
  const lock = {
    version: "5",
    specifiers: {
      "npm:@a/b@1.0.0": "1.0.0",
      "npm:c@2.0.0": "2.0.0",
      "npm:unused@3.0.0": "3.0.0",
    },
    npm: {
      "@a/b@1.0.0": { integrity, dependencies: ["d"] },
      "c@2.0.0": { integrity },
      "d@4.0.0": { integrity, dependencies: ["e@5.0.0"] },
      "e@5.0.0": { integrity },
      "unused@3.0.0": { integrity },
    },
  };
  const pruned = pruneLock(lock, ["npm:@a/b@1.0.0/file.js", "npm:c@2.0.0"]);
  assertEquals(Object.keys(pruned.specifiers), [
    "npm:@a/b@1.0.0",
    "npm:c@2.0.0",
  ]);
  assertEquals(Object.keys(pruned.npm), [
    "@a/b@1.0.0",
    "c@2.0.0",
    "d@4.0.0",
    "e@5.0.0",
  ]);
  assertEquals(pruned.version, "5");
});
