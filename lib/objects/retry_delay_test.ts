import { assert, assertEquals } from "@std/assert";
import {
  OBJECT_RETRY_AFTER_MAX_MS,
  OBJECT_RETRY_MAX_MS,
  OBJECT_RETRY_MS,
} from "../limits.ts";
import { isPassing, retryDelay } from "./retry_delay.ts";

const NOW = Date.parse("2026-01-02T03:04:05Z");

Deno.test("retryDelay doubles with each failure, up to a bound, and is spread over a half", () => {
  for (const [failures, longest] of [[1, 1], [2, 2], [4, 8]]) {
    const most = OBJECT_RETRY_MS * longest;
    assertEquals(retryDelay(failures, null, NOW, 1), most);
    assertEquals(retryDelay(failures, null, NOW, 0), most / 2);
  }
  assertEquals(retryDelay(1000, null, NOW, 1), OBJECT_RETRY_MAX_MS);
});

Deno.test("retryDelay waits as long as the server asks for, in seconds or by a date", () => {
  assertEquals(retryDelay(1, "7", NOW, 0.5), 7000);
  assertEquals(
    retryDelay(1, "Fri, 02 Jan 2026 03:04:15 GMT", NOW, 0.5),
    10_000,
  );
});

Deno.test("retryDelay does not let a server make it wait for ever", () => {
  for (const asked of ["4000000000", "Fri, 02 Jan 2099 03:04:15 GMT"]) {
    assertEquals(retryDelay(1, asked, NOW, 0.5), OBJECT_RETRY_AFTER_MAX_MS);
  }
});

Deno.test("retryDelay takes what is no time for none", () => {
  for (
    const asked of ["", "-5", "soon", "1e9", "Fri, 02 Jan 1999 03:04:15 GMT"]
  ) {
    assert(retryDelay(1, asked, NOW, 1) <= OBJECT_RETRY_MS, asked);
  }
});

Deno.test("isPassing tells a server that is busy from one that has said no", () => {
  assertEquals([429, 500, 503, 504].map(isPassing), [true, true, true, true]);
  assertEquals([200, 404, 403, 501].map(isPassing), [
    false,
    false,
    false,
    false,
  ]);
});
