import { assertEquals } from "@std/assert";
import { nameWarnings } from "./name_warnings.ts";

Deno.test("nameWarnings says what became of names that are not UTF-8", () => {
  const none = { collisions: [], lossyNames: [], lossyTargets: [] };
  assertEquals(nameWarnings(none), []);
  assertEquals(
    nameWarnings({
      collisions: ["a\ufffd"],
      lossyNames: ["a\ufffd", "b\ufffd"],
      lossyTargets: ["link"],
    }),
    [
      '1 path stands for several files because their names are not valid UTF-8, the first is "a\ufffd": the tree cannot be fetched',
      '2 names are not valid UTF-8 and published with U+FFFD, the first as "a\ufffd"',
      '1 link has a text that is not valid UTF-8 and published with U+FFFD: it leads elsewhere, the first is "link"',
    ],
  );
});
