import { assert, assertEquals, assertThrows } from "@std/assert";
import { wordlist } from "@scure/bip39/wordlists/english";
import { UsageError } from "../errors.ts";
import { CODE_NUMBER_MAX } from "../limits.ts";
import { formatCode, looksLikeCode, makeCode, parseCode } from "./code.ts";
import { seeded } from "./testing/seeded.ts";
import { LEFT_OUT, WORDS } from "./words.ts";

const CODE = { number: 7, words: ["topic", "lemon", "cargo"] };

Deno.test("three words are 24 bits at least, whatever the number", () => {
  assert(3 * Math.log2(WORDS.length) >= 27, String(WORDS.length));
});

Deno.test("words are short, and known by their first four letters", () => {
  assertEquals(WORDS.filter((word) => !/^[a-z]{4,5}$/.test(word)), []);
  assertEquals(
    new Set(WORDS.map((word) => word.slice(0, 4))).size,
    WORDS.length,
  );
});

Deno.test("what is left out of the words is in the list that they are from", () => {
  const known = new Set(wordlist);
  assertEquals(
    Object.values(LEFT_OUT).flatMap((words) => words.split(" "))
      .filter((word) => !known.has(word)),
    [],
  );
});

Deno.test("no code takes more than 40 characters to get by", () => {
  const longest = "a".repeat(Math.max(...WORDS.map(({ length }) => length)));
  const words = [longest, longest, longest];
  const code = formatCode({ number: CODE_NUMBER_MAX, words });
  assert(`net-transfer get ${code}`.length <= 40);
});

Deno.test("a code is read back as it was written", () => {
  const random = seeded(1);
  for (let i = 0; i < 1000; i++) {
    const code = makeCode({ random });
    assertEquals(parseCode(formatCode(code)), code);
    assert(looksLikeCode(formatCode(code)));
    assert(code.number <= 99);
  }
});

Deno.test("every word and every number comes up", () => {
  const random = seeded(2);
  const codes = Array.from({ length: 20_000 }, () => makeCode({ random }));
  const words = new Set(codes.flatMap(({ words }) => words));
  assertEquals(words.size, WORDS.length);
  assertEquals(new Set(codes.map(({ number }) => number)).size, 99);
});

Deno.test("numbers that are taken are left out, then longer ones used, until none is left", () => {
  const random = seeded(3);
  const upTo = (last: number) =>
    new Set(Array.from({ length: last }, (_, i) => i + 1));
  const taken = upTo(98);
  assertEquals(makeCode({ random, taken }).number, 99);
  const long = makeCode({ random, taken: upTo(99) });
  assert(long.number > 99 && long.number <= CODE_NUMBER_MAX);
  assertThrows(
    () => makeCode({ random, taken: upTo(CODE_NUMBER_MAX) }),
    UsageError,
    "every number",
  );
});

Deno.test("a code is read as people type it", () => {
  for (
    const typed of [
      "7-topic-lemon-cargo",
      " 7 Topic  LEMON cargo\n",
      "7_topic.lemon, cargo",
      "07-topi-lemo-carg",
      "7-top-lem-cargo",
    ]
  ) {
    assertEquals(parseCode(typed), CODE, typed);
  }
});

Deno.test("what is no code is told what one looks like, or which word is meant", () => {
  const wrong: [string, string][] = [
    ["", "does not begin with a number"],
    ["topic-lemon-cargo", "does not begin with a number"],
    ["0-topic-lemon-cargo", "does not begin with a number"],
    ["1000-topic-lemon-cargo", "does not begin with a number"],
    ["7-topic-lemon", "has 2 words, not 3"],
    ["7-topic-lemon-cargo-cargo", "has 4 words, not 3"],
    ["7".repeat(500), "longer than any"],
    ["7-topic-lemno-cargo", "the second word"],
    ["7-\u202etopic-lemon-cargo", "the first word"],
  ];
  for (const [typed, said] of wrong) {
    assertThrows(() => parseCode(typed), UsageError, said, typed);
  }
  const error = assertThrows(
    () => parseCode("7-topic-lemno-cargo"),
    UsageError,
  );
  assertEquals(error.hint, 'did you mean "lemon"?');
  assert(!error.message.includes("topic"));
});

Deno.test("what only begins like a code does not look like one", () => {
  for (
    const text of ["7", "7-", "nt1abc", "./7-a", "7-topic/../x1", "a-b-c-d"]
  ) {
    assert(!looksLikeCode(text), text);
  }
});
