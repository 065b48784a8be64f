import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { checkManifestPath, encodeDirManifest } from "../../content/mod.ts";
import { anyDirManifest } from "../../content/testing/arbitraries.ts";
import { ManifestError } from "../../errors.ts";
import { permissionBits, PlannedFiles } from "./planned_files.ts";

Deno.test("PlannedFiles gives every file of a manifest by its index, and nothing else", () => {
  fc.assert(fc.property(anyDirManifest(), (manifest) => {
    const files = new PlannedFiles(encodeDirManifest(manifest), 0o777);
    assertEquals(files.entries, manifest.entries.length);
    for (const [index, { path, kind }] of manifest.entries.entries()) {
      if (kind.type !== "file") {
        assertEquals(files.at(index), undefined);
        continue;
      }
      if (!isSafe(path)) continue;
      assertEquals(files.at(index), {
        path: checkManifestPath(path).join("/"),
        mode: permissionBits(kind.mode, 0o777),
        blob: kind.blob,
      });
    }
    assertEquals(files.at(manifest.entries.length), undefined);
  }));
});

Deno.test("PlannedFiles refuses a manifest that ends early", () => {
  const bytes = new Uint8Array([1, 1]);
  assertThrows(() => new PlannedFiles(bytes, 0o777), ManifestError);
});

Deno.test("permissionBits takes over the bits that are wanted, and nothing where none are known", () => {
  assertEquals(permissionBits(0o104755, 0o777), 0o755);
  assertEquals(permissionBits(0o104755, 0o7777), 0o4755);
  assertEquals(permissionBits(0o100000, 0o777), 0);
  assertEquals(permissionBits(0, 0o777), undefined);
});

function isSafe(path: string): boolean {
  try {
    checkManifestPath(path);
    return true;
  } catch {
    return false;
  }
}
