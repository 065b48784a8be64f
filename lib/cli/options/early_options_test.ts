import { assertEquals } from "@std/assert";
import { earlyColor, earlyFormat } from "./early_options.ts";

Deno.test("earlyFormat finds the last format before a --, in either form", () => {
  assertEquals(earlyFormat(["ls", "--output", "json"]), "json");
  assertEquals(earlyFormat(["--output=yaml", "ls", "--nope"]), "yaml");
  assertEquals(earlyFormat(["--output=yaml", "--output", "text"]), "text");
  assertEquals(earlyFormat(["--output", "JSON"]), undefined);
  assertEquals(earlyFormat(["ls", "--output"]), undefined);
  assertEquals(earlyFormat(["ls", "--", "--output=json"]), undefined);
});

Deno.test("earlyColor finds --color and --no-color", () => {
  const auto = { color: "auto", noColor: false };
  assertEquals(earlyColor([]), auto);
  assertEquals(earlyColor(["--color", "always", "--x"]).color, "always");
  assertEquals(earlyColor(["--color=never"]).color, "never");
  assertEquals(earlyColor(["--color=blue"]), auto);
  assertEquals(earlyColor(["--no-color"]).noColor, true);
  assertEquals(earlyColor(["--", "--no-color", "--color=always"]), auto);
});
