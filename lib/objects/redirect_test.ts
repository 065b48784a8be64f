import { assertEquals, assertThrows } from "@std/assert";
import { ProtocolError } from "../errors.ts";
import { OBJECT_URL_MAX } from "../limits.ts";
import { isRedirect, redirectTarget } from "./redirect.ts";

const HTTPS = new URL("https://mirror.example/store/blob/ab");
const HTTP = new URL("http://mirror.example/store/blob/ab");

Deno.test("redirectTarget follows within and between hosts, and to encryption", () => {
  for (
    const [from, location, target] of [
      [HTTPS, "../cd", "https://mirror.example/store/cd"],
      [HTTPS, "/x#fragment", "https://mirror.example/x"],
      [HTTPS, "//cdn.example/x", "https://cdn.example/x"],
      [
        HTTP,
        "https://cdn.example/x?signed=1",
        "https://cdn.example/x?signed=1",
      ],
      [HTTP, "http://user:secret@cdn.example/x", "http://cdn.example/x"],
    ] as const
  ) {
    assertEquals(redirectTarget(from, location).href, target);
  }
});

Deno.test("redirectTarget refuses other schemes, and to give up encryption", () => {
  for (
    const location of [
      null,
      "http://mirror.example/x",
      "file:///etc/passwd",
      "ftp://mirror.example/x",
      "data:text/plain,x",
      "javascript:alert(1)",
      "https://",
      `/${"x".repeat(OBJECT_URL_MAX)}`,
    ]
  ) {
    assertThrows(() => redirectTarget(HTTPS, location), ProtocolError);
  }
});

Deno.test("redirectTarget tells no secrets of a URL", () => {
  const from = new URL(
    "https://user:hunter2@mirror.example/blob/ab?sig=hunter3",
  );
  const error = assertThrows(
    () => redirectTarget(from, "http://u:hunter4@other.example/?k=hunter5"),
    ProtocolError,
  );
  assertEquals(/hunter/.test(error.message), false, error.message);
});

Deno.test("isRedirect leaves out what is none", () => {
  assertEquals([301, 302, 303, 307, 308].every(isRedirect), true);
  assertEquals([200, 300, 304, 305, 404].some(isRedirect), false);
});
