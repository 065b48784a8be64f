import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { linksThatLeave } from "./link_policy.ts";

function leaving(links: Record<string, string>): string[] {
  const list = Object.entries(links).map(([path, target]) => ({
    path,
    target,
  }));
  return linksThatLeave(list).map(({ path }) => path);
}

Deno.test("linksThatLeave judges a link by where it leads from its own place", () => {
  assertEquals(
    leaving({
      "a/inside": "../b",
      "a/root": "..",
      "a/b/up": "../../x",
      "dangling": "nowhere/at/all",
      "dots": "./a/./b/..//c",
      "abs": "/etc/passwd",
      "top": "..",
      "a/out": "../../x",
      "a/detour": "b/../../..",
    }),
    ["abs", "top", "a/out", "a/detour"],
  );
});

Deno.test("linksThatLeave follows links through other links", () => {
  assertEquals(leaving({ "d/up": "..", "d/e/x": "../up/../y" }), ["d/e/x"]);
  assertEquals(leaving({ "far": "/tmp", "through": "far/x" }), [
    "far",
    "through",
  ]);
  assertEquals(
    leaving({ "d": "a/b/c", "l": "d/../../../x", "m": "d/../../../../x" }),
    ["m"],
  );
});

Deno.test("linksThatLeave follows a link under each of its names where names fold", () => {
  const links = [
    { path: "Far", target: ".." },
    { path: "d/through", target: "../FAR/x" },
  ];
  assertEquals(linksThatLeave(links), [links[0]]);
  const fold = (name: string) => name.toLowerCase();
  assertEquals(linksThatLeave(links, fold), links);
});

Deno.test("linksThatLeave ends on loops and counts them as leaving", () => {
  assertEquals(leaving({ a: "b", b: "a", self: "self" }), ["a", "b", "self"]);
});

Deno.test("linksThatLeave counts forty links on one way, and no more, as no loop", () => {
  const chain = (length: number) =>
    Object.fromEntries(
      Array.from({ length }, (_, i) => [`l${i}`, `l${i + 1}`]),
    );
  // The last one leads to a name that is no link.
  assertEquals(leaving(chain(41)), []);
  assertEquals(leaving(chain(43)), ["l0", "l1"]);
  assertEquals(leaving({ twice: "l0/../l0", ...chain(20) }), []);
  assertEquals(leaving({ twice: "l0/../l0", ...chain(21) }), ["twice"]);
});

Deno.test("linksThatLeave goes back from a place below a link to where the link is", () => {
  const links = {
    "a/b/l": "../c",
    "a/in": "b/l/x/../..",
    "a/up": "b/l/x/../../..",
  };
  assertEquals(leaving({ ...links, "a/out": "b/l/x/../../../.." }), ["a/out"]);
});

/** Each link is as long as a manifest lets it be. */
const NASTY: Record<string, (i: number, count: number) => [string, string]> = {
  "to the next one": (i) => [`l${i}`, `l${i + 1}`],
  "to the one before": (i) => [`l${i}`, `l${i - 1}`],
  "many times through one": (
    i,
  ) => [`l${i}`, i === 0 ? "." : "l0/".repeat(1365)],
  "many times through the one before": (i) => [
    `l${i}`,
    i === 0 ? "." : `l${i - 1}/`.repeat(600),
  ],
  "through long ones": (i) => [
    `l${i}`,
    i < 9 ? "./".repeat(2047) : `l${i % 9}/`.repeat(1000),
  ],
  "of dots": (i) => [`l${i}`, "./".repeat(2047)],
  "of slashes": (i) => [`l${i}`, `x${"/".repeat(4094)}`],
  "up and down": (i) => [`d/l${i}`, "../d/".repeat(800)],
  "deep": (i) => [`${"d/".repeat(2000)}l${i}`, `${"../".repeat(1300)}x`],
  "deep, each in a place of its own": (i) => [
    `${i}/${"d/".repeat(2000)}l`,
    `../${"d/".repeat(2000)}l`,
  ],
  "in a ring": (i, count) => [`l${i}`, `l${(i + 1) % count}`],
  "in a ring, with a way to it each": (i, count) => [
    `l${i}`,
    i % 2 === 0 ? `l${(i + 2) % count}` : `l${i - 1}/`.repeat(600),
  ],
};

for (const [name, of] of Object.entries(NASTY)) {
  Deno.test(`linksThatLeave looks at each name a few times at most: links ${name}`, () => {
    for (const count of [10, 100, 1000]) {
      const links = Array.from({ length: count }, (_, i) => {
        const [path, target] = of(i, count);
        return { path, target };
      });
      const names = links.reduce(
        (sum, { path, target }) =>
          sum + path.split("/").length + target.split("/").length,
        0,
      );
      const work = { steps: 0 };
      linksThatLeave(links, undefined, work);
      assert(work.steps <= 4 * names, `${work.steps} steps for ${names} names`);
    }
  });
}

Deno.test("linksThatLeave says of any links what following each by itself says", () => {
  const name = fc.constantFrom("a", "b", "c", "..", ".", "");
  const target = fc.array(name, { minLength: 1, maxLength: 6 })
    .map((names) => names.join("/"));
  const path = fc.array(fc.constantFrom("a", "b", "c"), {
    minLength: 1,
    maxLength: 3,
  }).map((names) => names.join("/"));
  // Manifests have nothing below a link.
  const links = fc.dictionary(path, target, { maxKeys: 12 }).map((links) =>
    Object.fromEntries(
      Object.entries(links).filter(([path]) =>
        !Object.keys(links).some((other) => path.startsWith(`${other}/`))
      ),
    )
  );
  fc.assert(
    fc.property(links, (links) => {
      assertEquals(
        leaving(links),
        Object.keys(links).filter((path) => followed(path, links)),
      );
    }),
    { numRuns: 3000 },
  );
});

/** Whether a link leaves, found out name by name, as a system would. */
function followed(path: string, links: Record<string, string>): boolean {
  const ahead = [
    ...path.split("/").slice(0, -1),
    ...links[path].split("/"),
  ].reverse();
  if (links[path].startsWith("/")) return true;
  const reached: string[] = [];
  let expansions = 0;
  for (let name; (name = ahead.pop()) !== undefined;) {
    if (name === "" || name === ".") continue;
    if (name === "..") {
      if (reached.pop() === undefined) return true;
      continue;
    }
    const target = links[[...reached, name].join("/")];
    if (target === undefined) reached.push(name);
    else if (++expansions > 40 || target.startsWith("/")) return true;
    else ahead.push(...target.split("/").reverse());
  }
  return false;
}
