import { assertEquals } from "@std/assert";
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

Deno.test("linksThatLeave bounds its work: the links it no longer follows count as leaving", () => {
  const links = Array.from({ length: 10 }, (_, i) => ({
    path: `l${i}`,
    target: "x/".repeat(100),
  }));
  assertEquals(linksThatLeave(links), []);
  const cost = 2 * 100 * 101 / 2;
  assertEquals(linksThatLeave(links, undefined, 5 * cost).length, 5);
});
