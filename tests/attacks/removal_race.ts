import { fromFileUrl } from "@std/path";
import { onWindows } from "../support/unless.ts";
import { type Attack, attackRuns } from "./attack.ts";

export const attack: Attack = {
  name: "removal_race",
  claim:
    "Somebody who may write inside an old tree cannot have anything outside removed.",
  lacks: () => Promise.resolve(onWindows),
  async run() {
    const runs = attackRuns(5);
    const program = fromFileUrl(
      new URL("support/remove_raced.ts", import.meta.url),
    );
    const { success, stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", "--no-check", program, `${runs}`],
      stderr: "inherit",
    }).output();
    if (!success) throw new Error("the removals failed");
    const broken = Number(new TextDecoder().decode(stdout));
    return {
      held: broken === 0,
      line: broken === 0
        ? `nothing outside was removed in ${runs} removals`
        : `${broken} of ${runs} removals removed a file outside`,
    };
  },
};
