import { assert, assertEquals, assertThrows } from "@std/assert";
import { ProtocolError } from "../errors.ts";
import { CODE_TRIES_MAX } from "../limits.ts";
import { type Code, makeCode } from "./code.ts";
import { CodeRefusedError } from "./code_refused.ts";
import {
  CodeTries,
  GETTER_DATA,
  SHARER_DATA,
  type TryEvent,
} from "./code_tries.ts";
import { CpaceExchange, type CpaceKeys, TAG_LENGTH } from "./cpace.ts";
import { cpaceInputs, type MeetingChannel } from "./meeting_secrets.ts";
import { seeded } from "./testing/seeded.ts";

const CODE: Code = { number: 7, words: ["topic", "lemon", "cargo"] };
const CHANNEL: MeetingChannel = {
  getter: new Uint8Array(32).fill(2),
  sharer: new Uint8Array(32).fill(3),
  handshakeHash: new Uint8Array(32).fill(4),
};

function tries(): { code: CodeTries; events: TryEvent[] } {
  const events: TryEvent[] = [];
  const code = new CodeTries(CODE, seeded(1), (event) => events.push(event));
  return { code, events };
}

/** The getting end of one exchange. */
class Getter {
  readonly #exchange: CpaceExchange;

  constructor(readonly code: Code, readonly channel = CHANNEL, seed = 2) {
    const scalar = new Uint8Array(32);
    seeded(seed)(scalar);
    const inputs = cpaceInputs(code, channel);
    this.#exchange = new CpaceExchange(
      "initiator",
      inputs,
      scalar,
      GETTER_DATA,
    );
  }

  get share(): Uint8Array {
    return this.#exchange.message.share;
  }

  finish(share: Uint8Array): CpaceKeys {
    return this.#exchange.finish({ share, data: SHARER_DATA });
  }
}

/** Makes one try; returns whether the code was right. */
function guess(
  tries: CodeTries,
  code: Code,
  { session = {}, theirs = CHANNEL, seed = 2 } = {},
): boolean {
  const getter = new Getter(code, CHANNEL, seed);
  const { share } = tries.begin(session, theirs, getter.share);
  using keys = getter.finish(share);
  try {
    using own = tries.confirm(session, keys.tag);
    assert(keys.confirms(own.tag));
    assertEquals(own.sealKey, keys.sealKey);
    return true;
  } catch (error) {
    if (error instanceof CodeRefusedError) return false;
    throw error;
  }
}

const WRONG: Code = { ...CODE, words: ["topic", "lemon", "cable"] };

Deno.test("who knows the code confirms it once, and it is over", () => {
  const { code, events } = tries();
  assert(guess(code, CODE));
  assertEquals(events, [{ type: "begun" }, { type: "over", why: "taken" }]);
  assertEquals([code.end, code.left], ["taken", 0]);
  const error = assertThrows(() => guess(code, CODE), CodeRefusedError);
  assertEquals(
    error.message,
    "the code was used already: each is good for one use",
  );
});

Deno.test("three wrong tries end a code, and the right one comes too late", () => {
  const { code, events } = tries();
  for (let i = 0; i < CODE_TRIES_MAX; i++) assert(!guess(code, WRONG));
  assertEquals(events.filter(({ type }) => type !== "begun"), [
    { type: "wrong", left: 2 },
    { type: "wrong", left: 1 },
    { type: "wrong", left: 0 },
    { type: "over", why: "wrong" },
  ]);
  const error = assertThrows(() => guess(code, CODE), CodeRefusedError);
  assertEquals(
    error.message,
    "the code was tried wrongly 3 times, and is over",
  );
});

Deno.test("two wrong tries leave the third for who knows the code", () => {
  const { code } = tries();
  assert(!guess(code, WRONG));
  assert(!guess(code, WRONG));
  assert(guess(code, CODE));
});

Deno.test("10 000 wrong codes learn nothing: three are looked at, the others refused", () => {
  const { code, events } = tries();
  const random = seeded(5);
  let looked = 0;
  const replies = new Set<string>();
  for (let i = 0; i < 10_000; i++) {
    const { words } = makeCode({ random });
    if (code.end !== undefined) {
      // Not even a share of this end is made any more.
      const before = events.length;
      const error = assertThrows(
        () => code.begin({}, CHANNEL, new Uint8Array(32).fill(9)),
        CodeRefusedError,
      );
      replies.add(error.message);
      assertEquals(events.length, before);
      continue;
    }
    looked++;
    assert(!guess(code, { number: 7, words }, { seed: i }));
  }
  assertEquals(looked, CODE_TRIES_MAX);
  assertEquals(replies.size, 1);
});

Deno.test("a try that is begun and left, or hangs, counts as a wrong one", () => {
  const { code, events } = tries();
  const sessions = [{}, {}, {}];
  for (const session of sessions) {
    code.begin(session, CHANNEL, new Getter(WRONG).share);
  }
  assertEquals(code.left, 0);
  const busy = assertThrows(
    () => code.begin({}, CHANNEL, new Getter(CODE).share),
    CodeRefusedError,
  );
  assertEquals(busy.message, "others are trying this code right now");
  for (const session of sessions) code.drop(session);
  assertEquals(events.at(-1), { type: "over", why: "wrong" });
  code.drop(sessions[0]);
  assertEquals(events.filter(({ type }) => type === "over").length, 1);
});

Deno.test("a session makes one try at a time, and confirms only what it has begun", () => {
  const { code } = tries();
  const session = {};
  assertThrows(
    () => code.confirm(session, new Uint8Array(TAG_LENGTH)),
    ProtocolError,
    "no exchange",
  );
  code.begin(session, CHANNEL, new Getter(CODE).share);
  assertThrows(
    () => code.begin(session, CHANNEL, new Getter(CODE).share),
    ProtocolError,
    "begun an exchange already",
  );
  assertEquals(code.left, CODE_TRIES_MAX - 1);
});

Deno.test("a point of low order is a try that is used", () => {
  const { code, events } = tries();
  assertThrows(
    () => code.begin({}, CHANNEL, new Uint8Array(32)),
    ProtocolError,
  );
  assertEquals(events, [{ type: "wrong", left: 2 }]);
});

Deno.test("a tag of another exchange confirms nothing", () => {
  const { code } = tries();
  const [first, second] = [{}, {}];
  const getter = new Getter(CODE);
  using keys = getter.finish(code.begin(first, CHANNEL, getter.share).share);
  code.begin(second, CHANNEL, new Getter(CODE, CHANNEL, 9).share);
  assertThrows(() => code.confirm(second, keys.tag), CodeRefusedError);
});

Deno.test("who sits in between has another session with each end, and the right code fails", () => {
  for (
    const theirs of [
      { ...CHANNEL, getter: new Uint8Array(32).fill(9) },
      { ...CHANNEL, sharer: new Uint8Array(32).fill(9) },
      { ...CHANNEL, handshakeHash: new Uint8Array(32).fill(9) },
    ]
  ) {
    const { code } = tries();
    assert(!guess(code, CODE, { theirs }));
  }
});

Deno.test("a code that is withdrawn is over, with what was begun", () => {
  const { code, events } = tries();
  const session = {};
  code.begin(session, CHANNEL, new Getter(CODE).share);
  code[Symbol.dispose]();
  code[Symbol.dispose]();
  assertEquals(events.at(-1), { type: "over", why: "withdrawn" });
  assertThrows(
    () => code.confirm(session, new Uint8Array(TAG_LENGTH)),
    CodeRefusedError,
    "withdrawn",
  );
});
