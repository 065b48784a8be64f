import { TransferError } from "../../lib/errors.ts";
import { CODE_TRIES_MAX } from "../../lib/limits.ts";
import { formatAddress, Node } from "../../lib/mesh/mod.ts";
import { makeCode, parseCode } from "../../lib/meeting/code.ts";
import { CodeRefusedError } from "../../lib/meeting/code_refused.ts";
import { exchangeCode } from "../../lib/meeting/exchange_code.ts";
import { meetingPsk } from "../../lib/meeting/meeting_secrets.ts";
import { MemoryPlace, Sharer } from "../../lib/meeting/testing/memory_place.ts";
import { ephemeralIdentity } from "../../lib/mesh/mod.ts";
import { callRpc } from "../../lib/transfer/mod.ts";
import { type Attack, attackRuns } from "./attack.ts";

/** Sessions at once: as many as one key may have. */
const BESIDE = 4;
/** Codes that are tried. */
const GUESSES = 10_000;

const random = (bytes: Uint8Array) => void crypto.getRandomValues(bytes);

/** How a guesser makes use of what it has begun. */
type Manner = "confirm" | "leave" | "repeat";

/** What guessing at one share came to. */
interface Outcome {
  /** Shares of the other end that were got: each allows for one guess. */
  begun: number;
  /** Tickets. */
  tickets: number;
  /** Guesses that never got to anything. */
  refused: number;
}

/** Guesses until there is nothing to guess at any more, or all are tried. */
async function guessAt(sharer: Sharer, manner: Manner): Promise<Outcome> {
  const outcome: Outcome = { begun: 0, tickets: 0, refused: 0 };
  const code = parseCode(sharer.offer.code);
  const identity = ephemeralIdentity();
  const attach = () =>
    Node.attach({
      address: formatAddress(sharer.node.address),
      publicKey: sharer.node.publicKey,
      psk: meetingPsk(code),
      identity,
      connections: 1,
      keepMs: 0,
      connectTimeoutMs: 500,
    });
  let left = GUESSES;
  let isThere = true;
  const guessOnce = async () => {
    await using session = await attach();
    const guess = { ...code, words: makeCode({ random }).words };
    if (manner === "confirm") {
      try {
        await exchangeCode(session, guess, {
          getter: identity.x25519Public,
          random,
        });
        outcome.tickets++;
      } catch (error) {
        if (!(error instanceof CodeRefusedError)) throw error;
        if (error.why === "wrong") outcome.begun++;
        else outcome.refused++;
      }
      return;
    }
    const times = manner === "repeat" ? 10 : 1;
    for (let i = 0; i < times; i++) {
      const share = new Uint8Array(32).fill(9);
      const answer = await callRpc(session, "meeting.begin", share);
      if (answer[0] === 0) outcome.begun++;
      else outcome.refused++;
    }
  };
  const guesser = async () => {
    while (left > 0 && isThere) {
      left--;
      try {
        await guessOnce();
      } catch (error) {
        if (!(error instanceof TransferError)) throw error;
        outcome.refused++;
        // Nobody listens to this number any more.
        if (error.kind === "timeout") isThere = false;
      }
    }
  };
  await Promise.all(Array.from({ length: BESIDE }, guesser));
  return outcome;
}

export const attack: Attack = {
  name: "wrong_codes",
  claim:
    "Three wrong tries end a code, whether they are confirmed, left or repeated, one after another or at once.",
  async run() {
    const manners: Manner[] = ["confirm", "leave", "repeat"];
    const outcomes: Outcome[] = [];
    const ends = new Set<string>();
    for (let i = 0; i < attackRuns(1); i++) {
      for (const manner of manners) {
        await using sharer = await Sharer.at(new MemoryPlace());
        outcomes.push(await guessAt(sharer, manner));
        ends.add(await sharer.offer.ended);
      }
    }
    const begun = Math.max(...outcomes.map(({ begun }) => begun));
    const tickets = outcomes.reduce((sum, { tickets }) => sum + tickets, 0);
    return {
      held: begun === CODE_TRIES_MAX && tickets === 0 &&
        [...ends].join() === "wrong",
      line:
        `up to ${GUESSES} codes in ${manners.length} ways, ${BESIDE} at once: at most ${begun} guesses were looked at, ${tickets} tickets given, the shares ended`,
    };
  },
};
