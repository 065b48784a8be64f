/** `completion`: prints the completion script of a shell. */

import { UsageError } from "../../errors.ts";
import { loadCatalog } from "../framework/catalog.ts";
import { type Context, defineVerb, type Verb } from "../command.ts";
import { planCompletion } from "../framework/completion/plan.ts";
import { completionScript, SHELLS } from "../framework/completion/shells.ts";
import { profileNames } from "../node/config_file.ts";
import { optional, optionalArgument } from "../framework/options/option.ts";
import { choice } from "../framework/options/value_kind.ts";
import { inStage } from "../stage.ts";
import { printText } from "../write_stdout.ts";

async function profileLines({ globals: { config } }: Context): Promise<string> {
  const names = await inStage("config_load", () => profileNames(config));
  return names.map((name) => `${name}\n`).join("");
}

export const verb: Verb = defineVerb({
  arguments: {
    shell: optionalArgument(
      choice("SHELL", SHELLS),
      `The shell: ${SHELLS.join(", ")}`,
    ),
  },
  options: {
    list: optional("list", choice("WHAT", ["profiles"]), {
      help: "Print the names of profiles instead, one a line, for a script",
    }),
  },
  scope: "config",
  description:
    "The script knows every verb, option and choice of this version, and asks the configuration file for the names of profiles. It is printed as it is, whatever --output says.",
  examples: [
    {
      line:
        "completion bash > ~/.local/share/bash-completion/completions/net-transfer",
      does: "Complete in bash, from the next shell on",
    },
    {
      line: "completion fish > ~/.config/fish/completions/net-transfer.fish",
      does: "Complete in fish",
    },
  ],
  async run({ shell, list }, context) {
    if ((shell === undefined) === (list === undefined)) {
      throw new UsageError("give either a SHELL or --list", {
        hint: `shells: ${SHELLS.join(", ")}`,
      });
    }
    const text = shell === undefined
      ? await profileLines(context)
      : completionScript(
        shell,
        planCompletion(await loadCatalog(context.program), context.program),
      );
    await printText(text);
  },
});
