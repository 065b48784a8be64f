import { assertEquals } from "@std/assert";
import { findLeftovers, leftoverPath } from "./leftovers.ts";
import { splitTarget } from "./target.ts";

const TOKEN = "0123456789abcdef";

function found(base: string, names: string[], foreign: string[] = []) {
  return findLeftovers(
    {
      list: () => names,
      isOurs: (path) => !foreign.some((name) => path.endsWith(`/${name}`)),
    },
    splitTarget(`/p/${base}`),
  );
}

Deno.test("findLeftovers tells temp trees, old trees and what is being removed apart", () => {
  assertEquals(
    found("t", [
      "t",
      `.t.fetch_${TOKEN}`,
      `.t.moved_${TOKEN}`,
      `.t.replaced_${TOKEN}`,
      `.t.removing_${TOKEN}`,
    ]),
    {
      fetch: [`/p/.t.fetch_${TOKEN}`],
      moved: [`/p/.t.moved_${TOKEN}`],
      probe: [],
      replaced: [`/p/.t.replaced_${TOKEN}`],
      removing: [`/p/.t.removing_${TOKEN}`],
    },
  );
});

Deno.test("findLeftovers leaves alone what is another's, of another target, or called otherwise", () => {
  const names = [
    ".t.fetch_lock",
    `.t.fetch_${TOKEN}0`,
    `.t.fetch_${TOKEN}_`,
    `.t.fetch_${TOKEN.toUpperCase()}`,
    `.t.fetched_${TOKEN}`,
    `.tt.fetch_${TOKEN}`,
    `.t.u.fetch_${TOKEN}`,
    `t.fetch_${TOKEN}`,
    `.t.removing_${TOKEN}`,
  ];
  assertEquals(found("t", names, [`.t.removing_${TOKEN}`]), {
    fetch: [],
    moved: [],
    probe: [],
    replaced: [],
    removing: [],
  });
});

Deno.test("findLeftovers finds what leftoverPath names, however long the target is", () => {
  for (const base of ["t", "t.u", "ü".repeat(120)]) {
    const path = leftoverPath(splitTarget(`/p/${base}`), "removing", TOKEN);
    assertEquals(found(base, [path.slice("/p/".length)]).removing, [path]);
  }
});
