import { assertEquals } from "@std/assert";
import { Float } from "./report.ts";
import { formatTable } from "./table.ts";

Deno.test("formatTable writes rows below their name", () => {
  assertEquals(
    formatTable({
      node: 1,
      refs: [
        { path: "a", size: 1 },
        { path: "long", size: 2048, ticket: "x" },
      ],
      none: [],
      listen: ["a:1", "b:2"],
    }),
    `node    1
refs
  path  size   ticket
  a     1 B
  long  2 KiB  x
none    none
listen  a:1, b:2`,
  );
});

Deno.test("formatTable writes rows that are too wide below each other", () => {
  const long = "f".repeat(160);
  assertEquals(
    formatTable({ refs: [{ path: "a", ref: long }, { path: "b", size: 1 }] }),
    `refs
  path  a
  ref   ${long}

  path  b
  size  1 B`,
  );
});

Deno.test("formatTable finds the unit of a number in the name of its field", () => {
  assertEquals(
    formatTable({
      total_bytes: 1024,
      bytes_to_fetch: 2048n,
      manifest_size: 10,
      wait_secs: new Float(2),
      sizes: 1024,
      rate_bytes_s: 2048,
    }),
    `total_bytes     1 KiB
bytes_to_fetch  2 KiB
manifest_size   10 B
wait_secs       2.0 s
sizes           1024
rate_bytes_s    2048`,
  );
});

Deno.test("formatTable shows the ends of digits that would fill the screen", () => {
  const reference = `b0b1${"7a".repeat(100_000)}ff`;
  assertEquals(
    formatTable({ blob_ref: reference, size: 2 ** 34 }),
    "blob_ref  b0b17a7a7a7a7a7a7a7a…7a7a7a7a7aff (200006 digits; whole with --output json)\n" +
      "size      16 GiB",
  );
});
