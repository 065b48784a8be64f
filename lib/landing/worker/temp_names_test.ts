import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { besideName } from "./temp_names.ts";

Deno.test("besideName begins with the target's name while that fits", () => {
  assertEquals(besideName("photos", ".fetch_lock"), ".photos.fetch_lock");
});

Deno.test("besideName lets a hash stand for a name that would be too long", () => {
  const long = "é".repeat(127);
  const name = besideName(long, ".fetch_lock");
  assertMatch(name, /^\.[0-9a-f]{16}\.fetch_lock$/);
  assertEquals(besideName(long, ".fetch_lock"), name);
  assertNotEquals(besideName(`${long}x`, ".fetch_lock"), name);
});
