import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { PathTable } from "./path_table.ts";

/** Numbers a path, and gives the names that were new. */
function number(table: PathTable, path: string): [id: number, made: string[]] {
  const made: string[] = [];
  const known = table.locate(path);
  const id = table.extend(path, known, (_, end) => {
    made.push(path.slice(0, end));
  });
  return [id, made];
}

Deno.test("a path has one number, and so has each path above it", () => {
  const table = new PathTable();
  assertEquals(number(table, "a/b"), [2, ["a", "a/b"]]);
  assertEquals(number(table, "a/bc"), [3, ["a/bc"]]);
  assertEquals(number(table, "a"), [1, []]);
  assertEquals(number(table, "a/b/c"), [4, ["a/b/c"]]);
  assertEquals(table.locate("a/bc/x"), { id: 3, next: 5 });
  assertEquals(table.locate("a/bc"), { id: 3, next: 5 });
  assertEquals(table.locate("b"), { id: 0, next: 0 });
});

Deno.test("what paths have in common is found, whatever came before", () => {
  const name = fc.constantFrom("a", "b", "ab", "");
  const path = fc.array(name, { minLength: 1, maxLength: 4 })
    .map((names) => names.join("/"));
  const call = fc.tuple(path, fc.constantFrom("extend", "look", "visit"));
  fc.assert(
    fc.property(fc.array(call, { maxLength: 20 }), (calls) => {
      const table = new PathTable();
      const model = new Map<string, number>();
      for (const [path, what] of calls) {
        const names = path.split("/");
        const above = names.map((_, i) => names.slice(0, i + 1).join("/"));
        const known = above.filter((at) => model.has(at));
        const visited: (number | undefined)[] = [];
        const visit = (id: number) => visited.push(id);
        const found = table.locate(path, what === "visit" ? visit : undefined);
        const ids = known.map((at) => model.get(at));
        assertEquals(found.id, ids.at(-1) ?? 0);
        assertEquals(
          found.next,
          (known.at(-1) ?? "").length + +(known.length > 0),
        );
        if (what === "visit") assertEquals(visited, ids);
        if (what !== "extend") continue;
        table.extend(
          path,
          found,
          (id, end) => model.set(path.slice(0, end), id),
        );
        assertEquals(above.every((at) => model.has(at)), true);
        assertEquals(new Set(model.values()).size, model.size);
      }
    }),
  );
});

Deno.test("a list takes one step for each name that the path before has not", () => {
  const table = new PathTable();
  const deep = "d/".repeat(2000);
  let names = 0;
  for (let i = 0; i < 100; i++) {
    // Every other one brings all of its directories.
    number(table, i % 2 === 0 ? `${i}/${deep}f` : `${i - 1}/${deep}g`);
    names += i % 2 === 0 ? 2002 : 1;
  }
  assert(table.steps <= names, `${table.steps} steps for ${names} names`);
});
