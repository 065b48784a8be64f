import { assertEquals } from "@std/assert";
import { suggest } from "./suggest.ts";

Deno.test("suggest finds what was probably meant, and nothing far away", () => {
  const verbs = ["recv-blob", "send-blob", "recv-dir", "serve"];
  assertEquals(suggest("recv-blb", verbs), "recv-blob");
  assertEquals(suggest("send", verbs), "send-blob");
  assertEquals(suggest("serv", verbs), "serve");
  assertEquals(suggest("frobnicate", verbs), undefined);
  assertEquals(suggest("x", []), undefined);
});
