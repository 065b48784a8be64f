import { TransferError } from "../../lib/errors.ts";
import { CODE_CANDIDATES_MAX } from "../../lib/limits.ts";
import { type FindEvent, findTicket } from "../../lib/meeting/find_ticket.ts";
import {
  MemoryPlace,
  Sharer,
  tellOf,
} from "../../lib/meeting/testing/memory_place.ts";
import type { Attack } from "./attack.ts";

/** Nodes that pretend to have the share. */
const ANNOUNCERS = 8;

export const attack: Attack = {
  name: "hostile_announcers",
  claim:
    "Nodes that announce themselves under a code's number have one guess each, three at most in a run, and the run says that they are several.",
  async run() {
    const place = new MemoryPlace();
    await using stack = new AsyncDisposableStack();
    const hostile: Sharer[] = [];
    for (let i = 0; i < ANNOUNCERS; i++) {
      // They go through the exchange with codes that they guess.
      const sharer = stack.use(await Sharer.at(new MemoryPlace(7)));
      hostile.push(sharer);
      tellOf(sharer, place);
    }
    const events: FindEvent[] = [];
    let said = "";
    try {
      await findTicket("7-topic-lemon-cargo", {
        places: [place],
        onEvent: (event) => void events.push(event),
      });
      said = "a ticket";
    } catch (error) {
      if (!(error instanceof TransferError)) throw error;
      said = error.message;
    }
    const tried = events.filter(({ type }) => type === "trying").length;
    const guesses = hostile.flatMap(({ events }) => events)
      .filter(({ type }) => type === "begun").length;
    return {
      held: tried <= CODE_CANDIDATES_MAX && guesses === tried &&
        events[0].type === "several" && said.includes("shares answer"),
      line:
        `${ANNOUNCERS} announced themselves: ${tried} were tried, of which ${guesses} had a guess; ${said}`,
    };
  },
};
