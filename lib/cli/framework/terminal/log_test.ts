import { assertEquals } from "@std/assert";
import { Log, type LogLevel } from "./log.ts";

function logged(
  level: LogLevel | undefined,
  format: "text" | "json",
  write: (log: Log) => void,
): string[] {
  const lines: string[] = [];
  write(
    new Log({
      level,
      format,
      line: (text) => lines.push(text),
      now: () => new Date(0),
    }),
  );
  return lines;
}

Deno.test("Log writes one harmless line for hostile text", () => {
  const lines = logged("info", "text", (log) => {
    log.warn("stream\u2028reset", {
      reason: "x\nERROR forged\x1b[2J",
      rows: [{ "\u202e": "\u200b" }],
      id: 2n,
    });
    log.debug("not shown");
  });
  assertEquals(lines, [
    String
      .raw`WARN stream\u{2028}reset reason="x\nERROR forged\u{1b}[2J" rows=[{"\u202e":"\u200b"}] id=2`,
  ]);
});

Deno.test("Log writes one harmless line of JSON", () => {
  const lines = logged("trace", "json", (log) => {
    log.trace("sent\x9b", { bytes: 3, peer: undefined, "\n": ["\u202e"] });
  });
  assertEquals(lines, [
    String
      .raw`{"time":"1970-01-01T00:00:00.000Z","level":"trace","message":"sent\u009b","bytes":3,"\n":["\u202e"]}`,
  ]);
});

Deno.test("Log writes nothing when it is off", () => {
  assertEquals(logged(undefined, "text", (log) => log.warn("x")), []);
});
