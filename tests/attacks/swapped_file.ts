import { type Attack, attackRuns } from "./attack.ts";
import { lacksAttacker } from "./support/flipper.ts";
import { publishSecret } from "./support/publish_secret.ts";
import { readExchanged } from "./support/read_exchanged.ts";

export const attack: Attack = {
  name: "swapped_file",
  claim:
    "Who may rename things in a tree that is published cannot have another file published by exchanging a file.",
  lacks: lacksAttacker,
  async run() {
    const linked = await readExchanged((path, secret) =>
      Deno.symlinkSync(secret, path)
    );
    const moved = await readExchanged((path, secret) =>
      Deno.renameSync(secret, path)
    );
    const race = await publishSecret("d/x", attackRuns(10));
    return {
      held: race.held && linked === 0 && moved === 0,
      line:
        `behind a look at it a file became a link (${linked} got through) ` +
        `or another file (${moved} got through); in a race ${race.line}`,
    };
  },
};
