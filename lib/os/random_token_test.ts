import { assertMatch, assertNotEquals } from "@std/assert";
import { randomToken } from "./random_token.ts";

Deno.test("randomToken gives sixteen hex digits, others each time", () => {
  assertMatch(randomToken(), /^[0-9a-f]{16}$/);
  assertNotEquals(randomToken(), randomToken());
});
