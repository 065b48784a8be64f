import { assertEquals } from "@std/assert";
import { payloadHash } from "./s3_payload.ts";

const BODY = new TextEncoder().encode("hello\n");
const HASH = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03";
const NOTHING =
  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

Deno.test("over a network in the clear the signature covers what is carried", () => {
  for (
    const url of [
      "http://192.168.1.7:9000/",
      "http://minio.example/",
      "http://127.0.0.1.example/",
      "http://localhost.example/",
      "http://[::2]:9000/",
      "http://0.0.0.0/",
    ]
  ) {
    assertEquals(payloadHash(new URL(url), BODY, true), HASH, url);
    assertEquals(payloadHash(new URL(url), undefined, true), NOTHING, url);
  }
});

Deno.test("encrypted, or on this machine alone, it does not", () => {
  for (
    const url of [
      "https://s3.example/",
      "http://127.0.0.1:9000/",
      "http://127.9:1/",
      "http://[::1]:9000/",
      "http://localhost:9000/",
    ]
  ) {
    assertEquals(
      payloadHash(new URL(url), BODY, true),
      "UNSIGNED-PAYLOAD",
      url,
    );
  }
});

Deno.test("by way of a proxy nothing is known to stay on this machine", () => {
  const url = new URL("http://127.0.0.1:9000/");
  assertEquals(payloadHash(url, BODY, false), HASH);
});
