import { assertEquals, assertThrows } from "@std/assert";
import { encodeDirManifest } from "../../content/mod.ts";
import {
  ManifestError,
  PermissionError,
  UnsafePathError,
} from "../../errors.ts";
import { manifestOf, type TreeItems } from "../testing/trees.ts";
import {
  checkNames,
  checkTree,
  type PlanOptions,
  planTree,
} from "./tree_plan.ts";

function plan(items: TreeItems, options: Partial<PlanOptions> = {}) {
  return planTree({
    manifest: manifestOf(items),
    links: "keep",
    canLink: true,
    preserveSetid: false,
    ...options,
  });
}

Deno.test("a plan has every directory after its parent, implied ones without a mode", () => {
  const { dirs, counts } = plan([
    ["a/b/c/file", { file: "abc" }],
    ["a/d", { dir: true, mode: 0o40750 }],
    ["a/d/e/link", { link: "x" }],
    ["f", { file: "" }],
  ]);
  assertEquals([...dirs], [
    ["a", undefined],
    ["a/b", undefined],
    ["a/b/c", undefined],
    ["a/d", 0o750],
    ["a/d/e", undefined],
  ]);
  assertEquals(counts, { files: 2, dirs: 1, symlinks: 1, bytes: 3n });
});

Deno.test("set-id bits of directories are planned only if they are to be preserved", () => {
  const items: TreeItems = [["d", { dir: true, mode: 0o42755 }]];
  const modeOf = (preserveSetid: boolean) =>
    new Map(plan(items, { preserveSetid }).dirs).get("d");
  assertEquals([modeOf(false), modeOf(true)], [0o755, 0o2755]);
});

Deno.test("links that lead out of the tree are kept with a warning, refused or skipped", () => {
  const items: TreeItems = [
    ["in", { link: "d/x" }],
    ["out", { link: "../y" }],
    ["up", { link: "/etc" }],
  ];
  const kept = plan(items);
  assertEquals(kept.links.map(({ path }) => path), ["in", "out", "up"]);
  assertEquals(kept.warnings, [
    '2 of 3 symbolic links lead out of the tree, the first is "out"',
  ]);
  const refused = assertThrows(
    () => plan(items, { links: "inside" }),
    UnsafePathError,
    'the link "out" -> "../y" leads out of the tree',
  );
  assertEquals(refused.fields, { path: "out", target: "../y" });
  assertEquals(plan(items.slice(0, 1), { links: "inside" }).warnings, []);
  const skipped = plan(items, { links: "skip", canLink: false });
  assertEquals([skipped.links, skipped.counts.symlinks], [[], 0]);
});

Deno.test("links are refused where none can be made, but not for a tree that is only looked at", () => {
  const items: TreeItems = [["in", { link: "x" }]];
  const error = assertThrows(
    () => plan(items, { canLink: false }),
    PermissionError,
    "the tree holds 1 symbolic links, and this process may not make any",
  );
  assertEquals(error.fields, { links: 1 });
  const manifest = manifestOf(items);
  assertEquals(checkTree({ manifest, links: "keep" }), {
    counts: { files: 0, dirs: 0, symlinks: 1, bytes: 0n },
    isSorted: true,
    warnings: [],
  });
});

Deno.test("a link to no possible name is refused with its entry", () => {
  const long = "x".repeat(4096);
  for (
    const [target, why] of [["", "no possible"], ["a\0b", "no possible"], [
      long,
      "too long",
    ]]
  ) {
    const error = assertThrows(
      () => plan([["a/l", { link: target }]]),
      ManifestError,
      why,
    );
    assertEquals(error.fields, { path: "a/l" });
  }
  assertEquals(plan([["l", { link: long.slice(1) }]]).links.length, 1);
});

Deno.test("a file needs a reference that can be decoded", () => {
  for (
    const [blob, why] of [[[], "has no blob ref"], [
      [1, 2, 3],
      'entry "f"',
    ]] as const
  ) {
    const manifest = encodeDirManifest({
      version: 1,
      entries: [{
        path: "f",
        kind: {
          type: "file",
          mode: 0o644,
          blob: Uint8Array.from(blob),
        },
      }],
    });
    const error = assertThrows(
      () =>
        planTree({
          manifest,
          links: "keep",
          canLink: true,
          preserveSetid: false,
        }),
      ManifestError,
      why,
    );
    assertEquals(error.fields, { path: "f" });
  }
});

Deno.test("checkNames judges names and links again as the file system of the target takes them", () => {
  const rules = {
    foldsCase: true,
    foldsUnicode: false,
    windowsNames: false,
    dropsDots: false,
    asciiNames: false,
  };
  const again = (items: TreeItems, links: "inside" | "keep") => {
    const manifest = manifestOf(items);
    const made = plan(items, { links });
    checkNames({ manifest, links }, made, { ...rules, foldsCase: false });
    checkNames({ manifest, links }, made, rules);
  };
  const twins: TreeItems = [["README", { file: "1" }], ["readme", {
    file: "2",
  }]];
  const error = assertThrows(() => again(twins, "keep"), UnsafePathError);
  assertEquals(
    error.hint,
    "choose a target on another file system, leave it out with --exclude, " +
      "or fetch the rest with --keep-going",
  );
  // Through FAR it leads to where Far leads: to the tree itself, then out.
  const detour: TreeItems = [
    ["Far", { link: "." }],
    ["d/x", { link: "../FAR/../y" }],
  ];
  again(detour, "keep");
  assertThrows(() => again(detour, "inside"), UnsafePathError, '"d/x"');
});
