import { assertEquals, assertThrows } from "@std/assert";
import { hashChunk } from "../../content/mod.ts";
import { IoError } from "../../errors.ts";
import {
  checkInstalled,
  type ExpectedEntry,
  type InstalledOperations,
} from "./installed_tree.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);

const TEXTS: Record<string, string> = {
  "top": "1",
  "d/first": "22",
  "d/second": "333",
  "d/e/inner": "4444",
};

function* expected(): Generator<ExpectedEntry, void, void> {
  for (const [path, text] of Object.entries(TEXTS)) {
    const hash = hashChunk(bytesOf(text));
    const start = { offset: 0, length: text.length, hash };
    yield { path, type: "file", size: text.length, start };
  }
  yield { path: "d", type: "directory" };
  yield { path: "d/e", type: "directory" };
  yield { path: "link", type: "link" };
}

/** A tree at `/t` as it was written. */
class Shown implements InstalledOperations {
  readonly reads: string[] = [];

  constructor(
    private readonly changed: Partial<InstalledOperations> = {},
  ) {}

  count(path: string): number {
    return this.changed.count?.(path) ??
      ({ "/t": 3, "/t/d": 3, "/t/d/e": 1 })[path] ?? 0;
  }

  look(path: string): ReturnType<InstalledOperations["look"]> {
    if (this.changed.look !== undefined) return this.changed.look(path);
    const name = path.slice("/t/".length);
    if (["d", "d/e"].includes(name)) return { type: "directory", size: 4096 };
    if (name === "link") return { type: "link", size: 4 };
    return { type: "file", size: TEXTS[name].length };
  }

  read(path: string): Uint8Array {
    this.reads.push(path);
    if (this.changed.read !== undefined) return this.changed.read(path, 0, 0);
    return bytesOf(TEXTS[path.slice("/t/".length)]);
  }
}

function check(shown: InstalledOperations): void {
  checkInstalled("/t", expected(), shown);
}

Deno.test("a renamed tree that is whole is looked at once, and one file of each directory is read", () => {
  const shown = new Shown();
  check(shown);
  assertEquals(shown.reads, ["/t/top", "/t/d/first", "/t/d/e/inner"]);
});

Deno.test("what a rename has lost is found: directories that are empty, files that are absent, short or filled with something else", () => {
  const lost: [Partial<InstalledOperations>, string][] = [
    [
      { count: (path) => path === "/t/d" ? 0 : 9 },
      "3 entries, and 0 are there",
    ],
    [{ look: () => undefined }, "it is not there"],
    [{ look: () => ({ type: "directory", size: 0 }) }, "it is a directory"],
    [{ look: () => ({ type: "file", size: 0 }) }, "it has 0 bytes of 1"],
    [{ read: () => bytesOf("x") }, "its bytes from 0 on"],
  ];
  for (const [changed, what] of lost) {
    const error = assertThrows(() => check(new Shown(changed)), IoError);
    assertEquals(error.message.includes(what), true, error.message);
  }
});

Deno.test("what may not be read is not taken for lost", () => {
  const forbidden = (): never => {
    throw new Deno.errors.PermissionDenied("no (os error 13)");
  };
  check(new Shown({ count: forbidden, read: forbidden, look: forbidden }));
});
