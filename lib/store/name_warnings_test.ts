import { assertEquals } from "@std/assert";
import { nameWarnings } from "./name_warnings.ts";

Deno.test("nameWarnings says what became of names that are not UTF-8", () => {
  assertEquals(nameWarnings({ collisions: [], lossyNames: [] }), []);
  assertEquals(
    nameWarnings({
      collisions: ["a\ufffd"],
      lossyNames: ["a\ufffd", "b\ufffd"],
    }),
    [
      '1 path stands for several files because their names are not valid UTF-8, the first is "a\ufffd": the tree cannot be fetched',
      '2 names are not valid UTF-8 and published with U+FFFD, the first as "a\ufffd"',
    ],
  );
});
