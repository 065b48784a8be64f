import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { ROOT, SourceTree } from "./source_tree.ts";
import { entriesOf } from "./testing/temp_tree.ts";

Deno.test("SourceTree gives back what was added, with the path from the top", () => {
  const tree = new SourceTree("/root");
  const base = { mode: 0o40755, size: 0, ifNeeded: false };
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
