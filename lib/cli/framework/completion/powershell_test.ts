import { assertStringIncludes } from "@std/assert";
import { powershellCompletion } from "./powershell.ts";

Deno.test("powershellCompletion doubles whatever PowerShell takes for a quote", () => {
  const script = powershellCompletion({
    program: "demo",
    name: "demo",
    transparent: [],
    names: { args: "names", option: "--from" },
    places: [{
      path: "",
      verbs: [],
      options: [],
      words: [{ name: "it's", summary: "The program’s ‘own’ verb" }],
      positions: [],
    }],
    groups: [],
    valued: [],
    values: [],
    arguments: [],
  });
  assertStringIncludes(script, "'it''s', 'The program’’s ‘‘own’’ verb'");
});
