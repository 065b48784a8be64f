import { assertEquals } from "@std/assert";
import { Log } from "../framework/terminal/log.ts";
import { PLAIN } from "../framework/terminal/paint.ts";
import { NAMED_MAX } from "../publishing/warning_log.ts";
import { problemLog } from "./problem_log.ts";

Deno.test("a tree that has changed as a whole is told in a bounded number of warnings a minute", () => {
  const lines: string[] = [];
  const log = new Log({
    level: "warn",
    format: "text",
    paint: PLAIN,
    redact: (text) => text,
    line: (text) => void lines.push(text),
  });
  let now = 0;
  const tell = problemLog(log, () => now);
  for (let n = 0; n < 1000; n++) tell(`file ${n} has changed`);
  assertEquals(lines.length, NAMED_MAX + 1);
  assertEquals(lines[0], "WARN file 0 has changed");
  now = 60_000;
  tell("another has changed");
  assertEquals(lines.at(-1), "WARN another has changed");
});

Deno.test("fields are told with a warning", () => {
  const lines: string[] = [];
  const log = new Log({
    level: "warn",
    format: "text",
    paint: PLAIN,
    redact: (text) => text,
    line: (text) => void lines.push(text),
  });
  problemLog(log)("a chunk cannot be read", { reason: "gone" });
  assertEquals(lines, ["WARN a chunk cannot be read reason=gone"]);
});
