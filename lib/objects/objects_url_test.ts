import { assertEquals, assertThrows } from "@std/assert";
import { isObjectsUrl, parseObjectsUrl, shownLocation } from "./objects_url.ts";

Deno.test("parseObjectsUrl takes the base of a mirror, with a slash at its end or not", () => {
  for (const text of ["https://a.example/store", "HTTPS://a.example/store/"]) {
    const location = parseObjectsUrl(text);
    assertEquals(location.kind, "http");
    assertEquals(shownLocation(location), "https://a.example/store/");
  }
});

Deno.test("parseObjectsUrl takes a bucket with a prefix, or without one", () => {
  for (
    const [text, bucket, prefix] of [
      ["s3://photos", "photos", ""],
      ["s3://photos/", "photos", ""],
      ["S3://my.photos/2026//summer/", "my.photos", "2026/summer/"],
    ]
  ) {
    assertEquals(parseObjectsUrl(text), { kind: "s3", bucket, prefix });
  }
});

Deno.test("parseObjectsUrl refuses what is neither", () => {
  for (
    const text of [
      "photos",
      "ftp://a.example/",
      "http://",
      "s3://",
      "s3:///x",
      "s3:photos",
      "s3://user@photos/x",
      "s3://photos/../other",
      "s3://photos/x?versionId=1",
    ]
  ) {
    assertThrows(() => parseObjectsUrl(text), RangeError);
  }
});

Deno.test("isObjectsUrl leaves paths alone", () => {
  assertEquals(
    ["s3://b", " https://x", "HTTP://x"].map(isObjectsUrl),
    [true, true, true],
  );
  assertEquals(
    ["./s3:", "s3", "https", "C:\\store", "s3:/b"].map(isObjectsUrl),
    [false, false, false, false, false],
  );
});

Deno.test("shownLocation shows neither password nor query", () => {
  const location = parseObjectsUrl(
    "https://me:hunter2@a.example/x?sig=hunter3",
  );
  assertEquals(shownLocation(location), "https://a.example/x/");
});
