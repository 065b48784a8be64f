import { assertEquals } from "@std/assert";
import { CLI_DOCS, cliDocs } from "../../scripts/generate_cli_docs.ts";

/** Formatters break lines and pad cells each in their way. */
function words(markdown: string): string[] {
  return markdown.replace(/-{3,}/g, "---").split(/\s+/);
}

// Loading every verb also loads libraries for good, which a test may not.
const generated = await cliDocs();

Deno.test("docs/cli.md is what the option tables say", async () => {
  assertEquals(
    words(await Deno.readTextFile(CLI_DOCS)),
    words(generated),
    "run: deno run -A scripts/generate_cli_docs.ts",
  );
});
