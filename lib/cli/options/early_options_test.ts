import { assertEquals } from "@std/assert";
import { earlyOptions } from "./early_options.ts";

Deno.test("earlyOptions finds the last of each before a --, whatever else is wrong", () => {
  const none = { format: undefined, color: "auto", noColor: false } as const;
  const cases: [string, Partial<ReturnType<typeof earlyOptions>>][] = [
    ["ls", {}],
    ["ls --output json", { format: "json" }],
    ["--output=yaml ls --nope", { format: "yaml" }],
    ["--output=yaml --output text", { format: "text" }],
    ["--output JSON", {}],
    ["ls --output", {}],
    ["--color always --x", { color: "always" }],
    ["--color=never --no-color", { color: "never", noColor: true }],
    ["--color=blue", {}],
    ["ls -- --output=json --no-color --color=always", {}],
  ];
  for (const [args, found] of cases) {
    assertEquals(earlyOptions(args.split(" ")), { ...none, ...found }, args);
  }
});
