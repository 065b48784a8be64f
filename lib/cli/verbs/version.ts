/** `version`: what is running. */

import { defineVerb, type Verb } from "../command.ts";
import { GIT_REVISION, PROGRAM, VERSION } from "../version.ts";

export const verb: Verb = defineVerb({
  arguments: {},
  options: {},
  examples: [{
    line: "version --output text",
    does: "Print one line",
  }],
  async run(_values, context) {
    await context.emit({
      fields: {
        cli_version: VERSION,
        deno_version: Deno.version.deno,
        git_revision: GIT_REVISION,
      },
      text: () => `${PROGRAM} ${VERSION} (Deno ${Deno.version.deno})`,
    });
  },
});
