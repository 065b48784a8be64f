import { assertThrows } from "@std/assert";
import { IoError } from "../errors.ts";
import { checkContent } from "./lost_content.ts";

Deno.test("checkContent finds what a file system did not keep", async () => {
  const path = await Deno.makeTempFile();
  try {
    const bytes = new Uint8Array([1, 2, 3]);
    Deno.writeFileSync(path, bytes);
    checkContent(path, bytes);
    for (const kept of [[], [1, 2], [1, 2, 0]]) {
      Deno.writeFileSync(path, new Uint8Array(kept));
      assertThrows(() => checkContent(path, bytes), IoError, "did not keep");
    }
  } finally {
    await Deno.remove(path);
  }
});
