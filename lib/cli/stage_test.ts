import { assertEquals } from "@std/assert";
import { inStage, stageOf } from "./stage.ts";

const error = new Error("x");
const fails = (): never => {
  throw error;
};
const nested = () => inStage("attach", () => inStage("relay", fails));
const after = () =>
  inStage("attach", async () => {
    await inStage("relay", () => {});
    fails();
  });

Deno.test("an error carries the innermost stage that it ended", async () => {
  assertEquals(stageOf(error), { stage: "arguments", error });
  const cases = [
    [() => inStage("open", fails), "open"],
    [nested, "relay"],
    [after, "attach"],
  ] as const;
  for (const [run, stage] of cases) {
    const thrown = await run().catch((caught: unknown) => caught);
    assertEquals(stageOf(thrown), { stage, error });
  }
});
