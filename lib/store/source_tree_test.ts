import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { ROOT, SourceTree } from "./source_tree.ts";
import type { FileFacts } from "../os/file_identity.ts";
import { entriesOf } from "./testing/temp_tree.ts";

const SEEN: FileFacts = {
  isFile: true,
  dev: 2 ** 40,
  ino: 2 ** 45,
  size: 2 ** 40,
  mtime: new Date(-1),
  ctime: new Date(2000),
  birthtime: null,
};

Deno.test("SourceTree gives back what was added, with the path from the top", () => {
  const tree = new SourceTree("/root");
  const base = { mode: 0o40755, size: 0, ifNeeded: false, seen: SEEN };
  const a = tree.add({ ...base, parent: ROOT, name: "a", type: "dir" });
  const b = tree.add({ ...base, parent: a, name: "\u{10000}", type: "dir" });
  const name = new Uint8Array([0x66, 0xff]);
  tree.add({ ...base, parent: b, name, type: "file", size: 2 ** 40 });
  const link = { target: "../x", type: "symlink" as const };
  tree.add({ ...base, parent: a, name: "link", ...link });
  const bytes = new TextEncoder().encode("/root/a/\u{10000}/f?");
  bytes[bytes.length - 1] = 0xff;
  const dir = { type: "dir" as const, mode: 0o40755, size: 0 };
  assertEquals(entriesOf(tree), [
    { path: "a", source: "/root/a", ...dir },
    { path: "a/\u{10000}", source: "/root/a/\u{10000}", ...dir },
    {
      path: "a/\u{10000}/f\ufffd",
      source: bytes,
      type: "file",
      mode: 0o40755,
      size: 2 ** 40,
    },
    { path: "a/link", source: "/root/a/link", ...dir, ...link },
  ]);
});

Deno.test("SourceTree counts a directory that is kept if needed when something in it is kept", () => {
  const added = fc.array(fc.record({ above: fc.nat(), dir: fc.boolean() }), {
    maxLength: 30,
  });
  fc.assert(
    fc.property(added, (specs) => {
      const tree = new SourceTree("/root");
      const dirs = [ROOT];
      const parents: number[] = [];
      const needed = new Set<number>();
      for (const { above, dir } of specs) {
        const parent = dirs[above % dirs.length];
        const number = tree.add({
          parent,
          name: "n",
          type: dir ? "dir" : "file",
          mode: 0,
          size: 0,
          seen: SEEN,
          ifNeeded: dir,
        });
        parents.push(parent);
        if (dir) dirs.push(number);
        else {for (let at = number; at !== ROOT; at = parents[at]) {
            needed.add(at);
          }}
      }
      assertEquals([...tree.numbers()], [...needed].sort((x, y) => x - y));
      assertEquals([tree.added, tree.length], [specs.length, needed.size]);
    }),
  );
});

Deno.test("SourceTree knows a file again, and whether it was read as it was listed", () => {
  const tree = new SourceTree("/root");
  const entry = {
    parent: ROOT,
    mode: 0,
    ifNeeded: true,
    type: "file" as const,
  };
  const file = { ...entry, size: 2 ** 40, name: "a", seen: SEEN };
  const number = tree.add(file);
  const unnumbered = tree.add({ ...file, seen: { ...SEEN, ino: null } });
  const { dev, ino, size } = SEEN;
  const stamp = { dev, ino, size, mtimeMs: -1, ctimeMs: 2000 };
  assertEquals(tree.listedAs(number), {
    stamp: { ...stamp, ino: 2 ** 45 },
    born: null,
  });
  assertEquals(tree.listedAs(unnumbered), undefined);
  assertEquals(tree.fileAt(number).isClean, false);
  tree.setClean(number);
  assertEquals(tree.fileAt(number).isClean, true);
  assertEquals(tree.typeOf(number), "file");
  assertEquals(tree.counts(number), false);
});
