import { assertStringIncludes } from "@std/assert";
import { powershellCompletion } from "./powershell.ts";

Deno.test("powershellCompletion doubles whatever PowerShell takes for a quote", () => {
  const script = powershellCompletion({
    program: "demo",
    transparent: [],
    names: { args: "names", option: "--from" },
    places: [{
      path: "",
      verbs: [{ word: "it's", does: "The node’s ‘own’ verb" }],
      options: [],
      positions: [],
    }],
    groups: [],
    valued: [],
    values: [],
    arguments: [],
  });
  assertStringIncludes(script, "'it''s', 'The node’’s ‘‘own’’ verb'");
});
