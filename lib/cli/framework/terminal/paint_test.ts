import { assertStrictEquals } from "@std/assert";
import { ANSI, choosePaint, PLAIN } from "./paint.ts";

Deno.test("choosePaint follows the flags, then NO_COLOR, then the terminal", () => {
  const auto = { color: "auto", noColor: false } as const;
  assertStrictEquals(choosePaint(auto, undefined, true), ANSI);
  assertStrictEquals(choosePaint(auto, undefined, false), PLAIN);
  assertStrictEquals(choosePaint(auto, "1", true), PLAIN);
  assertStrictEquals(choosePaint(auto, "", true), ANSI);
  const always = { ...auto, color: "always" } as const;
  assertStrictEquals(choosePaint(always, "1", false), ANSI);
  assertStrictEquals(
    choosePaint({ ...auto, noColor: true }, undefined, true),
    PLAIN,
  );
});
