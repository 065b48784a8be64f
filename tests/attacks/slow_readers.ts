import type { BidiStream } from "../../lib/mesh/mod.ts";
import type { Attack } from "./attack.ts";
import { crowd, type Crowded, type Member, pause } from "./support/crowd.ts";
import { describeCrowd, isServed } from "./support/crowd_verdict.ts";

const SESSIONS = 32;
/** Requests of each. */
const REQUESTS = 4;
/** What each of them may be sent without reading it, in bytes. */
const WINDOW = 64 * 1024;
/** Virtual milliseconds between two reads. */
const PAUSE_MS = 20;

/** Asks, and reads `bytes` of each answer now and then. */
function readSlowly(bytes: number): (member: Member) => Promise<void> {
  return async ({ ask, goOn }) => {
    const streams: BidiStream[] = [];
    for (let i = 0; i < REQUESTS; i++) streams.push(await ask());
    goOn(async (signal) => {
      const over = new Promise<void>((resolve) =>
        signal.addEventListener("abort", () => resolve())
      );
      const target = new Uint8Array(bytes);
      while (!signal.aborted) {
        for (const stream of streams) {
          await Promise.race([stream.read(target), over]);
        }
        await pause(PAUSE_MS);
      }
    });
  };
}

/** What they do, with which window. */
const KINDS: [string, () => Promise<Crowded>][] = [
  [
    "windows that are not read",
    () =>
      crowd(SESSIONS, SESSIONS, async ({ ask }) => {
        for (let i = 0; i < REQUESTS; i++) await ask();
      }, { window: WINDOW }),
  ],
  [
    "windows that open by ten bytes",
    () => crowd(SESSIONS, SESSIONS, readSlowly(10), { window: 1000 }),
  ],
  [
    "readers of 5 KB in a second",
    () => crowd(SESSIONS, SESSIONS, readSlowly(100), { window: WINDOW }),
  ],
];

export const attack: Attack = {
  name: "slow_readers",
  claim:
    "Clients that take little of the chunks they ask for wait behind one that takes all.",
  async run() {
    const lines: string[] = [];
    let held = true;
    for (const [name, run] of KINDS) {
      const result = await run();
      held &&= isServed(result);
      lines.push(`${SESSIONS} keys with ${name}: ${describeCrowd(result)}`);
    }
    return { held, line: lines.join("; ") };
  },
};
