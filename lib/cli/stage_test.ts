import { assertEquals } from "@std/assert";
import { inStage, stageOf } from "./stage.ts";

const error = new Error("x");
const fails = (): never => {
  throw error;
};

for (
  const [title, run, stage] of [
    ["outside of every stage", fails, "arguments"],
    ["in a stage", () => inStage("open", fails), "open"],
    [
      "in nested stages",
      () => inStage("attach", () => inStage("relay", fails)),
      "relay",
    ],
    ["after a nested stage", () =>
      inStage("attach", async () => {
        await inStage("relay", () => {});
        fails();
      }), "attach"],
  ] as const
) {
  Deno.test(`an error ${title} ended stage ${stage}`, async () => {
    let thrown: unknown;
    try {
      await run();
    } catch (caught) {
      thrown = caught;
    }
    assertEquals(stageOf(thrown), { stage, error });
  });
}
