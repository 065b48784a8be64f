import { assertEquals } from "@std/assert";
import { CLI_DOCS, cliDocs } from "../../scripts/generate_cli_docs.ts";

/** Formatters break lines and pad cells each in their way. */
function words(markdown: string): string[] {
  return markdown.replace(/-{3,}/g, "---").split(/\s+/);
}

Deno.test("docs/cli.md is what the option tables say", async () => {
  assertEquals(
    words(await Deno.readTextFile(CLI_DOCS)),
    words(await cliDocs()),
    "run: deno run -A scripts/generate_cli_docs.ts",
  );
});
