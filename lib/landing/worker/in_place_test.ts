import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { IoError, UnsafePathError } from "../../errors.ts";
import { findLeftovers, insideTarget } from "./leftovers.ts";
import { InPlace, type InPlaceOperations } from "./in_place.ts";

type Tree = Map<string, string>;

const SITE = "/site";
const DIRECTORY = "<dir>";
const TEMP = `${SITE}/.net-transfer.fetch_ffffffffffffffff`;

/** A process that ends, or a disk that fails, at some operation. */
class FakeDisk implements InPlaceOperations {
  operations = 0;
  #tokens = 0;

  constructor(
    readonly entries: Tree,
    /** Throws to end or fail. */
    private readonly before: (operation: string, count: number) => void =
      () => {},
    /** Directories that cannot be renamed. */
    private readonly lower: ReadonlySet<string> = new Set(),
    /** Directories in which others may change names. */
    private readonly open: ReadonlySet<string> = new Set(),
  ) {}

  exists(path: string): boolean {
    return this.entries.has(path);
  }

  isOurs(): boolean {
    return true;
  }

  kindOf(path: string): "directory" | "file" | undefined {
    const found = this.entries.get(path);
    if (found === undefined) return undefined;
    return found === DIRECTORY ? "directory" : "file";
  }

  isClosed(path: string): boolean {
    return this.entries.get(path) === DIRECTORY && !this.open.has(path);
  }

  list(dir: string): string[] {
    return [...this.entries.keys()]
      .filter((path) => path.startsWith(`${dir}/`))
      .map((path) => path.slice(dir.length + 1))
      .filter((name) => !name.includes("/"));
  }

  rename(from: string, to: string): void {
    this.#act(`rename ${from} ${to}`);
    if (this.entries.has(to)) throw new Error(`${to} would be overwritten`);
    if (!this.entries.has(from)) throw new Error(`${from} is not there`);
    for (const [path, content] of [...this.entries]) {
      if (path !== from && !path.startsWith(`${from}/`)) continue;
      this.entries.delete(path);
      this.entries.set(to + path.slice(from.length), content);
    }
  }

  tryRename(from: string, to: string): boolean {
    if (this.lower.has(from)) return false;
    this.rename(from, to);
    return true;
  }

  makeLike(path: string): void {
    this.makePrivate(path);
  }

  removeEmpty(path: string): void {
    this.#act(`remove ${path}`);
    if (this.list(path).length > 0) throw new Error(`${path} is not empty`);
    this.entries.delete(path);
  }

  makePrivate(path: string): void {
    this.#act(`mkdir ${path}`);
    this.entries.set(path, DIRECTORY);
  }

  write(path: string, text: string): void {
    this.#act(`create ${path}`);
    this.entries.set(path, "{");
    this.#act(`write ${path}`);
    this.entries.set(path, text);
  }

  read(path: string): string | undefined {
    return this.entries.get(path);
  }

  sync(): void {}

  settle(dir: string): void {
    this.#act(`sync ${dir}`);
  }

  token(): string {
    return (++this.#tokens + this.operations * 4096).toString(16).padStart(
      16,
      "0",
    );
  }

  #act(operation: string): void {
    this.before(operation, this.operations++);
  }
}

/** Names that are in both trees, in one, as files and as directories. */
const OLD: Tree = new Map([
  ["both", "old"],
  ["old-file", "old"],
  ["old-dir", DIRECTORY],
  ["old-dir/inner", "old"],
  ["old-dir/deep", DIRECTORY],
  ["old-dir/deep/x", "old"],
  ["turned", DIRECTORY],
  ["turned/x", "old"],
  ["same-dir", DIRECTORY],
  ["same-dir/x", "old"],
]);
const NEW: Tree = new Map([
  ["both", "new"],
  ["new-file", "new"],
  ["new-dir", DIRECTORY],
  ["new-dir/x", "new"],
  ["turned", "new"],
  ["same-dir", DIRECTORY],
  ["same-dir/y", "new"],
]);

function at(dir: string, tree: Tree): [string, string][] {
  return [...tree].map(([path, content]) => [`${dir}/${path}`, content]);
}

const start = (): Tree =>
  new Map([
    [SITE, DIRECTORY],
    ...at(SITE, OLD),
    [TEMP, DIRECTORY],
    ...at(TEMP, NEW),
  ]);

/** What is there without what a landing keeps for itself. */
function shown(disk: FakeDisk): Record<string, string> {
  const seen = [...disk.entries]
    .filter(([path]) => path !== SITE && !path.startsWith(`${SITE}/.net-`))
    .map(([path, content]) => [path.slice(SITE.length + 1), content])
    .sort(([a], [b]) => a < b ? -1 : 1);
  return Object.fromEntries(seen);
}

const sorted = (tree: Tree) =>
  Object.fromEntries([...tree].sort(([a], [b]) => a < b ? -1 : 1));

/** Repairs and collects, as every landing does first. */
function nextRun(disk: FakeDisk): string[] {
  const next = new FakeDisk(disk.entries);
  const place = new InPlace(SITE, next, false);
  const said = place.repair();
  const { fetch } = findLeftovers(next, insideTarget(SITE));
  for (const path of [...place.collect(), ...fetch]) {
    for (const name of [...next.entries.keys()]) {
      if (name === path || name.startsWith(`${path}/`)) {
        next.entries.delete(name);
      }
    }
  }
  return said;
}

function install(place: InPlace, look?: (site: string) => void) {
  place.prepare(TEMP);
  return place.install(TEMP, look);
}

const KILLED = new Error("killed");
const LOWER = ["old-dir", "old-dir/deep", "turned", "same-dir"];

for (const layer of ["that can be renamed", "of a lower layer"]) {
  const lower = new Set(
    layer === "of a lower layer" ? LOWER.map((name) => `${SITE}/${name}`) : [],
  );

  Deno.test(`InPlace exchanges entries ${layer}, and leaves what is to be removed`, () => {
    const disk = new FakeDisk(start(), undefined, lower);
    const { old, warnings } = install(new InPlace(SITE, disk, false));
    assertEquals(shown(disk), sorted(NEW));
    assertEquals(warnings, []);
    assertEquals(disk.exists(TEMP), false);
    assertEquals(old[0].startsWith(`${SITE}/.net-transfer.removing_`), true);
    assertEquals(nextRun(disk), []);
    assertEquals(disk.entries.size, NEW.size + 1);
  });

  Deno.test(`a run killed at any step of an exchange of entries ${layer} is made whole by the next`, () => {
    let outcomes = "";
    for (let step = 0;; step++) {
      const disk = new FakeDisk(start(), (_, count) => {
        if (count >= step) throw KILLED;
      }, lower);
      let ended = true;
      try {
        install(new InPlace(SITE, disk, false));
      } catch {
        ended = false;
      }
      // The next run may be killed at any step, too, and the one after it.
      for (let again = 0; again < 40; again++) {
        const second = new FakeDisk(disk.entries, (_, count) => {
          if (count >= again) throw KILLED;
        }, lower);
        try {
          new InPlace(SITE, second, false).repair();
        } catch {
          continue;
        }
        break;
      }
      nextRun(disk);
      const isNew = shown(disk)["both"] === "new";
      assertEquals(shown(disk), sorted(isNew ? NEW : OLD), `killed at ${step}`);
      // Nothing else is left of either.
      assertEquals(disk.entries.size, (isNew ? NEW : OLD).size + 1);
      outcomes += isNew ? "n" : "o";
      if (ended) break;
    }
    // The old tree up to the journal, the new one from there on.
    assertEquals(/^o{5,}n{10,}$/.test(outcomes), true, outcomes);
  });

  Deno.test(`an entry that cannot be moved has all entries ${layer} put back`, () => {
    let restored = 0;
    for (let step = 0;; step++) {
      let failed = 0;
      const disk = new FakeDisk(start(), (operation, count) => {
        if (count !== step || !operation.startsWith("rename")) return;
        failed++;
        throw Object.assign(new Error("busy"), { code: "EBUSY" });
      }, lower);
      try {
        install(new InPlace(SITE, disk, false));
      } catch (error) {
        if (!(error instanceof IoError)) throw error;
        if (error.fields.target_state === "restored") restored++;
        nextRun(disk);
      }
      const isNew = shown(disk)["both"] === "new";
      assertEquals(shown(disk), sorted(isNew ? NEW : OLD), `failed at ${step}`);
      if (failed === 0 && step > disk.operations) break;
    }
    assertEquals(restored > 5, true);
  });
}

Deno.test("InPlace leaves what belongs to a volume where it is, and refuses a tree that has it", () => {
  const entries = start();
  entries.set(`${SITE}/lost+found`, DIRECTORY);
  const disk = new FakeDisk(entries);
  const place = new InPlace(SITE, disk, true);
  place.check(["lost and found"]);
  assertThrows(() => place.check(["a", "lost+found"]), UnsafePathError);
  install(place);
  assertEquals(
    shown(disk),
    sorted(new Map([...NEW, ["lost+found", DIRECTORY]])),
  );
});

Deno.test("InPlace refuses a tree with a name of its own", () => {
  const place = new InPlace(SITE, new FakeDisk(start()), false);
  for (
    const name of [
      ".net-transfer.fetch_lock",
      `.net-transfer.replaced_${"0".repeat(16)}`,
    ]
  ) {
    assertThrows(
      () => place.check([name]),
      UnsafePathError,
      "has one of its own",
    );
  }
  place.check([".net-transfer", ".net-transfer.fetch_1"]);
});

Deno.test("InPlace puts all old entries back when the new ones have lost something in their place", () => {
  const disk = new FakeDisk(start());
  const place = new InPlace(SITE, disk, false);
  const error = assertThrows(
    () =>
      install(place, (site) => {
        assertEquals([site, disk.read(`${SITE}/both`)], [SITE, "new"]);
        throw new IoError("the file system lost it");
      }),
    IoError,
    "the file system lost it",
  );
  assertEquals(error.fields.target_state, "restored");
  for (const [path, content] of at(SITE, OLD)) {
    assertEquals(disk.read(path), content, path);
  }
});

Deno.test("InPlace follows no journal that it cannot read or that leads out of the directory, says so, and keeps what is beside it", () => {
  const aside = `${SITE}/.net-transfer.replaced_${"0".repeat(16)}`;
  const journal = {
    version: 1,
    fresh: TEMP.slice(6),
    oldNames: [],
    newNames: [],
  };
  for (
    const text of [
      "",
      "{",
      "null",
      JSON.stringify({ ...journal, version: 2 }),
      JSON.stringify({ ...journal, fresh: "../x" }),
      JSON.stringify({ ...journal, oldNames: ["../x"] }),
      JSON.stringify({ ...journal, newNames: [".."] }),
      JSON.stringify({ ...journal, newNames: ["a\0b"] }),
      JSON.stringify({ ...journal, newNames: ["x".repeat(256)] }),
    ]
  ) {
    const entries = start();
    entries.set(aside, DIRECTORY).set(`${aside}/journal`, text);
    const disk = new FakeDisk(entries);
    const place = new InPlace(SITE, disk, false);
    const [warning, ...more] = place.repair();
    assertStringIncludes(warning, `"${aside}" has no readable journal`);
    assertEquals([more, disk.operations, place.collect()], [[], 0, []]);
    place.prepare(TEMP);
    place.install(TEMP);
    assertEquals(disk.kindOf(aside), "directory");
    assertEquals(disk.read(`${SITE}/both`), "new");
  }
});

Deno.test("InPlace enters no directory of a lower layer in which others may change names, and puts all back", () => {
  const lower = new Set(LOWER.map((name) => `${SITE}/${name}`));
  for (const open of ["old-dir", "old-dir/deep"]) {
    const others = new Set([
      `${SITE}/${open}`,
      ...open === "old-dir/deep"
        ? []
        // Until it is refused nothing below it has moved.
        : [`${SITE}/old-dir/deep`],
    ]);
    const disk = new FakeDisk(start(), undefined, lower, others);
    const error = assertThrows(
      () => install(new InPlace(SITE, disk, false)),
      IoError,
      "others may change what is in it meanwhile",
    );
    assertEquals(error.fields.target_state, "restored");
    assertEquals(shown(disk), sorted(OLD));
  }
});

Deno.test("InPlace takes no journal of a directory that is a link, open, or has links in it", () => {
  const aside = `${SITE}/.net-transfer.replaced_${"0".repeat(16)}`;
  const fresh = `.net-transfer.fetch_${"0".repeat(16)}`;
  const journal = { version: 1, fresh, oldNames: ["both"], newNames: ["x"] };
  const LINK = "link";
  for (const bad of [aside, `${aside}/entries`, `${SITE}/${fresh}`, "open"]) {
    const entries = start();
    entries.set(aside, DIRECTORY).set(`${aside}/entries`, DIRECTORY)
      .set(`${SITE}/${fresh}`, DIRECTORY)
      .set(`${aside}/journal`, JSON.stringify(journal));
    if (bad !== "open") entries.set(bad, LINK);
    const open = new Set(bad === "open" ? [aside] : []);
    const disk = new FakeDisk(entries, undefined, undefined, open);
    const place = new InPlace(SITE, disk, false);
    assertEquals(place.repair(), []);
    assertEquals(disk.operations, 0);
    assertEquals(place.collect().length > 0, true, "it goes as garbage");
  }
});
