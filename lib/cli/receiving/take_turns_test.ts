import { assertEquals, assertRejects } from "@std/assert";
import { ExistsError, IoError } from "../../errors.ts";
import { StageFailure } from "../stage.ts";
import type { TargetDecision } from "./decide_target.ts";
import { takeTurns } from "./take_turns.ts";

const HELD = new IoError("process 7 is already writing it", {
  fields: { held: true, pid: 7 },
});
const EXISTS = new ExistsError("it exists");
const IDENTITY = { dev: 1, ino: 2, born: 3 };
const MADE = { path: "/p", ...IDENTITY, manifest: "" };

/** Fetches of which the first ones fail, to a target that is made meanwhile. */
function start(failures: Error[], wait = false, former = MADE) {
  const told: string[] = [];
  const decisions: (TargetDecision | undefined)[] = [];
  let waits = 0;
  const turn = {
    out: "out",
    decision: { replace: false },
    decide: () => Promise.resolve({ replace: false, former: [IDENTITY] }),
    run: (decision: TargetDecision | undefined) => {
      decisions.push(decision);
      const failure = failures.shift();
      return failure ? Promise.reject(failure) : Promise.resolve("landed");
    },
    former: () => Promise.resolve(former),
    untilFree: () => Promise.resolve(void waits++),
  };
  const context = {
    log: { warn: (text: string) => void told.push(text) },
    signal: new AbortController().signal,
  } as Parameters<typeof takeTurns>[2];
  const taken = takeTurns(turn, { wait }, context);
  return { taken, told, decisions, waits: () => waits };
}

Deno.test("a fetch to a target that another one holds fails as that, and waits when it is to", async () => {
  const { taken } = start([HELD]);
  const { stage, cause } = await assertRejects(() => taken, StageFailure);
  assertEquals([stage, cause], ["target_held", HELD]);

  const waiting = start([HELD, HELD], true);
  const { result, decision } = await waiting.taken;
  assertEquals([result, decision?.former], ["landed", [IDENTITY]]);
  assertEquals(waiting.told, [`waiting: ${HELD.message}`]);
  assertEquals(waiting.waits(), 2);
});

Deno.test("a fetch whose target another one made meanwhile begins anew, knowing that", async () => {
  const { taken, decisions, told } = start([EXISTS]);
  assertEquals((await taken).result, "landed");
  assertEquals(decisions.map((decision) => decision?.former), [
    undefined,
    [IDENTITY],
  ]);
  assertEquals(told, []);
});

Deno.test("a fetch does not begin anew for what was there before, nor for ever", async () => {
  const failures = [EXISTS, EXISTS, EXISTS];
  await assertRejects(() => start(failures).taken, ExistsError);
  assertEquals(failures.length, 1);
  const other = [new IoError("the disk is full"), EXISTS];
  await assertRejects(() => start(other, true).taken, IoError, "full");
  assertEquals(other.length, 1);
});
