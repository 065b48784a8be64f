import { assertEquals, assertThrows } from "@std/assert";
import { ExistsError, PermissionError } from "../errors.ts";
import { MEETING_TAGS_MAX, MEETING_TAGS_PER_KEY } from "../limits.ts";
import { MeetingTags } from "./meeting_tags.ts";

function bytes(number: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  new DataView(bytes.buffer).setUint32(0, number);
  return bytes;
}

const tag = (number: number) => bytes(number, 16);
const key = (number: number) => bytes(number, 32);

/** A session of a node, and what ends it. */
function session(of: number) {
  const closed = Promise.withResolvers<void>();
  return {
    remote: { publicKey: key(of) },
    closed: closed.promise,
    end: async () => {
      closed.resolve();
      await closed.promise;
    },
  };
}

Deno.test("a node is found by its tag as long as its session lasts", async () => {
  const tags = new MeetingTags();
  const one = session(1);
  tags.add(tag(7), one);
  assertEquals(tags.find(tag(7)), key(1));
  assertEquals(tags.find(tag(8)), undefined);
  await one.end();
  assertEquals(tags.find(tag(7)), undefined);
});

Deno.test("a tag that another node has is refused, until it is given up", () => {
  const tags = new MeetingTags();
  const [one, two] = [session(1), session(2)];
  tags.add(tag(7), one);
  assertThrows(() => tags.add(tag(7), two), ExistsError);
  tags.delete(tag(7), two);
  assertEquals(tags.find(tag(7)), key(1), "it is not the other's to give up");
  tags.delete(tag(7), one);
  tags.add(tag(7), two);
  assertEquals(tags.find(tag(7)), key(2));
});

Deno.test("a node that attaches again keeps its tag when its old session ends", async () => {
  const tags = new MeetingTags();
  const [old, next] = [session(1), session(1)];
  tags.add(tag(7), old);
  tags.add(tag(7), next);
  await old.end();
  assertEquals(tags.find(tag(7)), key(1));
  await next.end();
  assertEquals(tags.find(tag(7)), undefined);
});

Deno.test("tags are bounded for a key, whatever its sessions, and in all", async () => {
  const tags = new MeetingTags();
  const sessions = Array.from(
    { length: MEETING_TAGS_PER_KEY },
    () => session(0),
  );
  sessions.forEach((one, i) => tags.add(tag(i), one));
  assertThrows(() => tags.add(tag(99), session(0)), PermissionError);
  await sessions[0].end();
  tags.add(tag(99), session(0));
  for (let i = MEETING_TAGS_PER_KEY; i < MEETING_TAGS_MAX; i++) {
    tags.add(tag(1000 + i), session(i));
  }
  assertThrows(() => tags.add(tag(98), session(9999)), PermissionError);
});
