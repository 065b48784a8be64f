import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { ProtocolError } from "../errors.ts";
import { CodeRefusedError, REFUSALS } from "./code_refused.ts";
import { answerWith, decodeMeetingAnswer } from "./meeting_answer.ts";

Deno.test("an answer is read as it was made", async () => {
  const bytes = await answerWith(() => Uint8Array.of(1, 2));
  assertEquals(decodeMeetingAnswer(bytes, 2), Uint8Array.of(1, 2));
});

Deno.test("a refusal is read as the error that it was", async () => {
  assertEquals(REFUSALS, ["wrong", "busy", "taken", "over", "withdrawn"]);
  for (const why of REFUSALS) {
    const bytes = await answerWith(() => {
      throw new CodeRefusedError(why);
    });
    assertEquals(bytes.length, 1);
    const error = assertThrows(
      () => decodeMeetingAnswer(bytes, 32),
      CodeRefusedError,
    );
    assertEquals(error.why, why);
  }
});

Deno.test("other failures are no answers, and other bytes neither", async () => {
  await assertRejects(
    () =>
      answerWith(() => {
        throw new ProtocolError("no share");
      }),
    ProtocolError,
  );
  for (const bytes of [[], [0], [0, 1], [6], [255], [1, 1]]) {
    assertThrows(
      () => decodeMeetingAnswer(Uint8Array.from(bytes), 2),
      ProtocolError,
      "does not keep to the exchange",
    );
  }
});
