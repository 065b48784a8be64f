import { parseCode } from "../../lib/meeting/code.ts";
import { CodeRefusedError } from "../../lib/meeting/code_refused.ts";
import { findTicket } from "../../lib/meeting/find_ticket.ts";
import { MemoryPlace, Sharer } from "../../lib/meeting/testing/memory_place.ts";
import type { Attack } from "./attack.ts";
import { passOn, TREATMENTS } from "./support/pass_on.ts";

export const attack: Attack = {
  name: "code_in_between",
  claim:
    "Who announces itself in a share's place and passes the messages of both ends on gets no ticket, and learns no code.",
  async run() {
    const passed: string[] = [];
    for (const [how, treat] of Object.entries(TREATMENTS)) {
      await using sharer = await Sharer.at(new MemoryPlace());
      await using between = await passOn(sharer, treat);
      const place = new MemoryPlace();
      place.offered.push({
        number: parseCode(sharer.offer.code).number,
        publicKey: between.node.publicKey,
        address: between.node.address,
      });
      try {
        await findTicket(sharer.offer.code, { places: [place] });
        passed.push(how);
      } catch (error) {
        if (!(error instanceof CodeRefusedError)) throw error;
      }
      if (sharer.events.some((event) => event.type === "over")) {
        passed.push(`${how}: the code was used up`);
      }
    }
    return {
      held: passed.length === 0,
      line: passed.length > 0
        ? `passed: ${passed.join(", ")}`
        : `messages were passed on in ${
          Object.keys(TREATMENTS).length
        } ways, and the right code was refused each time`,
    };
  },
};
