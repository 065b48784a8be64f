import { assertEquals, assertThrows } from "@std/assert";
import { STORE_PLACE } from "./store_place.ts";

Deno.test("a store is a directory or a bucket", () => {
  assertEquals(STORE_PLACE.parse("./store"), "./store");
  assertEquals(STORE_PLACE.parse(" s3://bucket/prefix"), "s3://bucket/prefix");
});

Deno.test("a store is no web server, and no URL that is none", () => {
  for (const text of ["https://a.example/", "s3://", "s3://b/../c", ""]) {
    assertThrows(() => STORE_PLACE.parse(text), RangeError);
  }
});
