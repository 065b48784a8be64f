/** `man`: prints a page of the manual. */

import { loadCatalog, type Page } from "../framework/catalog.ts";
import { defineVerb, type Verb } from "../command.ts";
import { manualPage } from "../framework/help/manual.ts";
import { restArguments } from "../framework/options/option.ts";
import { UnknownWordError } from "../framework/options/tokens.ts";
import { text } from "../framework/options/value_kind.ts";
import { printText } from "../write_stdout.ts";

function find(root: Page, words: readonly string[]): Page {
  let page = root;
  for (const [at, word] of words.entries()) {
    const found = page.pages.find(({ name }) => name === word);
    if (found === undefined) {
      throw new UnknownWordError(
        `there is no page about '${words.slice(0, at + 1).join(" ")}'`,
        word,
        page.pages.map(({ name }) => name),
      );
    }
    page = found;
  }
  return page;
}

export const verb: Verb = defineVerb({
  arguments: {
    words: restArguments(
      { ...text("VERB"), completesVerbs: true },
      "The verb, such as recv-dir or identity show; none is the program",
    ),
  },
  options: {},
  description:
    "The page is troff for man(1), printed as it is, whatever --output says.",
  examples: [
    {
      line: "man recv-dir | man -l -",
      does: "Read the page of a verb",
    },
    {
      line: "man > /usr/local/share/man/man1/net-transfer.1",
      does: "Install the page of the program",
    },
  ],
  async run({ words }, context) {
    const root = await loadCatalog(context.program);
    await printText(manualPage(find(root, words), root, context.program));
  },
});
