import { assertEquals } from "@std/assert";
import { Float } from "./report.ts";
import { formatTable } from "./table.ts";

Deno.test("formatTable aligns values and uses human units", () => {
  assertEquals(
    formatTable({
      peer: 12345678901234567890n,
      out: "a\x1b.bin",
      bytes: 204800,
      duration_secs: new Float(0.04),
      throughput_mib_s: new Float(4.8828125),
      atomic: true,
      note: null,
    }),
    `peer              12345678901234567890
out               a\\u{1b}.bin
bytes             200 KiB
duration_secs     40 ms
throughput_mib_s  4.88 MiB/s
atomic            yes
note              -`,
  );
});

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

Deno.test("formatTable gives all bytes of a dry run their unit", () => {
  assertEquals(
    formatTable({ bytes_to_fetch: 2048, bytes_missing: 0 }),
    "bytes_to_fetch  2 KiB\nbytes_missing   0 B",
  );
});
