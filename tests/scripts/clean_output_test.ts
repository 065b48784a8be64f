import { assertEquals, assertThrows } from "@std/assert";
import { checkOutput, outputFaults } from "../../scripts/clean_output.ts";

const reasons = (text: string, isColoured = false) =>
  outputFaults(text, { isColoured }).map((fault) => fault.split(":")[0]);

Deno.test("what the program never prints is found, line by line", () => {
  const cases: [line: string, why: string][] = [
    ["    at main (file:///cli.ts:12:5)", "a stack trace"],
    ["error: Uncaught (in promise) Error: x", "a crash"],
    ["(node:12) [DEP0040] x is deprecated", "a warning of the runtime"],
    ["Warning: no such file", "a warning of the runtime"],
    ["\x1b[0m\x1b[33mWarning\x1b[0m x", "a warning of the runtime"],
    ["from [object Object]", "an object that is no text"],
    ["rate=NaN", "a value that is none"],
    ['{"path":undefined}', "a value that is none"],
    ["a\x1b[31mb", "a control character"],
    ["50%\r51%", "a control character"],
    ["a\u202eb", "a control character"],
  ];
  for (const [line, why] of cases) {
    assertEquals(reasons(`ok\n${line}\n`), [why]);
  }
});

Deno.test("ordinary output is clean, colours where they were asked for", () => {
  const text = "WARN a/undefined.txt: NaNette\tb\n日本語 👩‍🚀 \\u{1b}[31m\n";
  assertEquals(reasons(text), []);
  assertEquals(reasons("\x1b[1mpeer\x1b[22m  7\n", true), []);
  assertEquals(reasons("\x1b[1mpeer\x1b[22m  7\n"), ["a control character"]);
});

Deno.test("content on stdout is not looked at", () => {
  checkOutput(["recv-blob", "--out", "-"], { stdout: "\x1b", stderr: "" });
  assertThrows(() => checkOutput(["ls"], { stdout: "\x1b", stderr: "" }));
});
