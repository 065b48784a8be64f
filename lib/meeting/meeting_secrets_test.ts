import { assert, assertEquals, assertNotEquals } from "@std/assert";
import {
  cpaceInputs,
  isTagOf,
  meetingPsk,
  numberTag,
} from "./meeting_secrets.ts";

const SALT = new Uint8Array(8).fill(1);
const CODE = { number: 7, words: ["topic", "lemon", "cargo"] };
const CHANNEL = {
  getter: new Uint8Array(32).fill(2),
  sharer: new Uint8Array(32).fill(3),
  handshakeHash: new Uint8Array(32).fill(4),
};

Deno.test("PSK and tag follow from the number, and tell nothing of the words", () => {
  const other = { number: 7, words: ["cable", "cable", "cable"] };
  assertEquals(meetingPsk(CODE), meetingPsk(other));
  assertEquals(numberTag(CODE, SALT), numberTag(other, SALT));
  assertEquals(meetingPsk(CODE).length, 32);
  assertNotEquals(meetingPsk(CODE), meetingPsk({ number: 8 }));
});

Deno.test("a tag is known by its number and its salt", () => {
  const tag = numberTag(CODE, SALT);
  assert(isTagOf(CODE, SALT, tag));
  assert(!isTagOf({ number: 8 }, SALT, tag));
  assert(!isTagOf(CODE, new Uint8Array(8), tag));
  assert(!isTagOf(CODE, SALT, tag.subarray(1)));
});

Deno.test("the channel tells keys, their roles and handshakes apart", () => {
  const { channel, sessionId } = cpaceInputs(CODE, CHANNEL);
  const { getter, sharer } = CHANNEL;
  const swapped = cpaceInputs(CODE, {
    ...CHANNEL,
    getter: sharer,
    sharer: getter,
  });
  assertNotEquals(swapped.channel, channel);
  assertEquals(sessionId, CHANNEL.handshakeHash);
  assertNotEquals(
    cpaceInputs({ ...CODE, number: 8 }, CHANNEL).secret,
    cpaceInputs(CODE, CHANNEL).secret,
  );
});
