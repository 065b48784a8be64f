import { unless } from "../support/unless.ts";
import { attackNames, loadAttack, verdictLine } from "./attack.ts";

for (const name of attackNames()) {
  const attack = await loadAttack(name);
  Deno.test({
    ...unless(await attack.lacks?.(), `attack ${name}: ${attack.claim}`),
    // What an attacker leaves behind is what the attack is about.
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      const verdict = await attack.run();
      if (!verdict.held) throw new Error(verdictLine(name, verdict));
    },
  });
}
