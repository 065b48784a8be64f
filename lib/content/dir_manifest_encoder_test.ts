import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { encodeDirManifest } from "./dir_manifest.ts";
import { DirManifestEncoder } from "./dir_manifest_encoder.ts";
import { anyDirManifest } from "./testing/arbitraries.ts";

Deno.test("DirManifestEncoder gives the bytes of encodeDirManifest, in any parts", () => {
  fc.assert(
    fc.property(anyDirManifest(), fc.nat(3), (manifest, every) => {
      const { entries } = manifest;
      const encoder = new DirManifestEncoder(entries.length);
      const parts: number[] = [];
      for (const [index, entry] of entries.entries()) {
        encoder.add(entry);
        if (index % (every + 1) === 0) parts.push(...encoder.take());
      }
      const { length } = encoder;
      const last = encoder.take();
      assertEquals(last.length, length);
      parts.push(...last);
      const whole = encodeDirManifest({ version: 1, entries });
      assertEquals(new Uint8Array(parts), whole);
    }),
    { numRuns: 50 },
  );
});
