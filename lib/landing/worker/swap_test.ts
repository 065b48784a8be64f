import { assertEquals, assertThrows } from "@std/assert";
import { IoError, type TransferError } from "../../errors.ts";
import { findLeftovers } from "./leftovers.ts";
import { repairSwap as repair, swapIn, type SwapOperations } from "./swap.ts";
import { splitTarget } from "./target.ts";

const TARGET = splitTarget("/p/t");
const BACKUP = "/p/.t.replaced_0000000000000001";
const OTHER_BACKUP = "/p/.t.replaced_0000000000000002";

const REMOVING = "/p/.t.removing_0000000000000002";

function repairSwap(ops: SwapOperations, target: typeof TARGET): string[] {
  return repair(ops, target, findLeftovers(ops, target).replaced);
}

/** A directory of names with one-word contents, in which operations can fail. */
class FakeDir implements SwapOperations {
  readonly log: string[] = [];
  private tokens = 0;

  constructor(
    readonly entries: Map<string, string>,
    private readonly failing: RegExp = /^$/,
  ) {}

  exists(path: string): boolean {
    return this.entries.has(path);
  }

  isOurs(path: string): boolean {
    return this.entries.get(path) !== "foreign";
  }

  list(dir: string): string[] {
    return [...this.entries.keys()].map((path) => path.slice(dir.length + 1));
  }

  rename(from: string, to: string): void {
    this.act(`rename ${from} ${to}`);
    const content = this.entries.get(from);
    if (content === undefined) throw new Deno.errors.NotFound("gone");
    this.entries.delete(from);
    this.entries.set(to, content);
  }

  sync(dir: string): void {
    this.act(`sync ${dir}`);
  }

  token(): string {
    return (++this.tokens).toString(16).padStart(16, "0");
  }

  private act(operation: string): void {
    this.log.push(operation);
    if (this.failing.test(operation)) {
      throw Object.assign(new Error("busy"), { code: "EBUSY" });
    }
  }
}

const TEMP = "/p/.t.fetch_f";
const fresh = (): Map<string, string> => new Map([[TEMP, "new"]]);
const over = (): Map<string, string> =>
  new Map([[TEMP, "new"], ["/p/t", "old"]]);
const state = (dir: FakeDir): Record<string, string> =>
  Object.fromEntries(dir.entries);

function failure(dir: FakeDir): TransferError {
  return assertThrows(() => swapIn(dir, TARGET, TEMP), IoError);
}

Deno.test("swapIn renames into an absent target", () => {
  const dir = new FakeDir(fresh());
  assertEquals(swapIn(dir, TARGET, TEMP), { old: [], warnings: [] });
  assertEquals(state(dir), { "/p/t": "new" });
  assertEquals(dir.log, [`rename ${TEMP} /p/t`, "sync /p"]);
});

Deno.test("swapIn moves an old target aside, installs, syncs, and only then names the old one as being removed", () => {
  const dir = new FakeDir(over());
  assertEquals(swapIn(dir, TARGET, TEMP), { old: [REMOVING], warnings: [] });
  assertEquals(state(dir), { "/p/t": "new", [REMOVING]: "old" });
  assertEquals(dir.log, [
    `rename /p/t ${BACKUP}`,
    `rename ${TEMP} /p/t`,
    "sync /p",
    `rename ${BACKUP} ${REMOVING}`,
    "sync /p",
  ]);
});

Deno.test("swapIn leaves or restores the target when it fails, and says so", () => {
  const old = { [TEMP]: "new", "/p/t": "old" };
  for (
    const [entries, failing, cannot, target_state, left, kept] of [
      [fresh(), /^rename/, 'install "/p/t"', "untouched", { [TEMP]: "new" }],
      [fresh(), /^sync/, 'sync "/p"', "replaced", { "/p/t": "new" }],
      [over(), /^rename .p.t/, 'move aside "/p/t"', "untouched", old],
      [over(), /^rename .*f /, 'install "/p/t"', "restored", old],
      [
        over(),
        /^sync/,
        'sync "/p"',
        "replaced",
        { "/p/t": "new", [BACKUP]: "old" },
        BACKUP,
      ],
    ] as const
  ) {
    const dir = new FakeDir(entries, failing);
    const { message, hint, fields } = failure(dir);
    assertEquals(message, `cannot ${cannot}: busy`);
    assertEquals(hint, "it may be a mount point; choose a path below it");
    assertEquals([fields.os, fields.kept], ["EBUSY", kept]);
    assertEquals(fields.target_state, target_state);
    assertEquals(state(dir), left);
  }
});

Deno.test("swapIn says where the old target is when it cannot be put back", () => {
  const dir = new FakeDir(over(), / \/p\/t$/);
  const error = failure(dir);
  assertEquals(error.fields, {
    path: "/p/t",
    target_state: "absent",
    kept: BACKUP,
  });
  assertEquals(error.message.includes(BACKUP), true);
  assertEquals(state(dir), { [TEMP]: "new", [BACKUP]: "old" });
});

Deno.test("swapIn leaves an old target whole that cannot be named as being removed", () => {
  const dir = new FakeDir(over(), /removing/);
  const { old, warnings } = swapIn(dir, TARGET, TEMP);
  assertEquals([old, warnings.length], [[], 1]);
  assertEquals(
    warnings[0].startsWith(`the old tree stays behind as "${BACKUP}": `),
    true,
  );
  assertEquals(state(dir), { "/p/t": "new", [BACKUP]: "old" });
});

Deno.test("swapIn puts the old tree back when the new one has lost something in its place", () => {
  const lost = new IoError("the file system lost it", { hint: "another one" });
  const look = () => {
    throw lost;
  };
  for (
    const [entries, target_state] of [
      [over(), "restored"],
      [fresh(), "untouched"],
    ] as const
  ) {
    const before = Object.fromEntries(entries);
    const dir = new FakeDir(entries);
    const error = assertThrows(
      () => swapIn(dir, TARGET, TEMP, look),
      IoError,
      "the file system lost it",
    );
    assertEquals(error.fields, { target_state });
    assertEquals(error.hint, "another one");
    assertEquals(state(dir), before);
  }
});

Deno.test("swapIn notices that the old tree loses what is in it when it is moved aside, and says whether that came back", () => {
  for (const comesBack of [true, false]) {
    const dir = new FakeDir(over());
    const list = dir.list.bind(dir);
    dir.list = (at) => {
      if (at === "/p") return list(at);
      const whole = at === "/p/t" && (comesBack || dir.log.length === 0);
      return whole ? ["a", "b"] : [];
    };
    const error = assertThrows(
      () => swapIn(dir, TARGET, TEMP, () => {}),
      IoError,
      "0 of 2 entries are there",
    );
    const target_state = comesBack ? "restored" : "lost";
    assertEquals(error.fields.target_state, target_state);
    assertEquals(state(dir), { [TEMP]: "new", "/p/t": "old" });
  }
});

/** Runs a swap that is killed before its n-th operation. */
function killedAt(step: number): FakeDir {
  const dir = new FakeDir(over());
  const killed = new Error("killed");
  let steps = 0;
  const live = (run: () => void) => {
    if (steps++ >= step) throw killed;
    run();
  };
  try {
    swapIn(
      {
        exists: (path) => dir.exists(path),
        isOurs: (path) => dir.isOurs(path),
        list: (path) => dir.list(path),
        token: () => dir.token(),
        rename: (from, to) => live(() => dir.rename(from, to)),
        sync: (path) => live(() => dir.sync(path)),
      },
      TARGET,
      TEMP,
    );
  } catch {
    // What follows is on the disk as it was.
  }
  return dir;
}

Deno.test("a swap killed at any step leaves a target or one that can be put back, and never a half", () => {
  const states: Record<string, string>[] = [];
  for (let step = 0; step <= 5; step++) {
    const dir = killedAt(step);
    const before = findLeftovers(dir, TARGET);
    // Nothing is ever removed from what would be put back.
    assertEquals(before.replaced.length + before.removing.length <= 1, true);
    repairSwap(dir, TARGET);
    states.push({ target: dir.entries.get("/p/t") ?? "absent" });
  }
  assertEquals(states.map(({ target }) => target), [
    "old",
    "old",
    "new",
    "new",
    "new",
    "new",
  ]);
});

Deno.test("swapIn takes another backup name when one is taken, and ends in the end", () => {
  const dir = new FakeDir(over().set(BACKUP, "taken"));
  const { old } = swapIn(dir, TARGET, TEMP);
  assertEquals(state(dir), {
    "/p/t": "new",
    [BACKUP]: "taken",
    [old[0]]: "old",
  });
  const full = over();
  for (let i = 1; i <= 9; i++) {
    full.set(`/p/.t.replaced_000000000000000${i}`, "taken");
  }
  assertEquals(failure(new FakeDir(full)).fields.target_state, "untouched");
});

Deno.test("repairSwap puts back the one old tree of ours", () => {
  const dir = new FakeDir(
    new Map([
      [BACKUP, "old"],
      [OTHER_BACKUP, "foreign"],
      ["/p/.t.replaced_x", "odd"],
      ["/p/.tt.replaced_0000000000000001", "other"],
    ]),
  );
  assertEquals(repairSwap(dir, TARGET).length, 1);
  assertEquals(dir.entries.get("/p/t"), "old");
  assertEquals(dir.exists(BACKUP), false);
});

Deno.test("repairSwap does nothing where there is no old tree of ours", () => {
  const ends = "z".repeat(16) + " 0000000000000001x 000000000000001 ";
  const others = ends.split(" ").map((end): [string, string] => [
    `/p/.t.replaced_${end}`,
    "old",
  ]);
  others.push(["/p/.u.replaced_0000000000000001", "of another target"]);
  const foreign: [string, string] = [BACKUP, "foreign"];
  for (const entries of [[], others, [foreign]]) {
    const dir = new FakeDir(new Map(entries));
    assertEquals(repairSwap(dir, TARGET), []);
    assertEquals(dir.log, []);
  }
});

Deno.test("repairSwap leaves a present target, and several old trees, alone", () => {
  const present = new FakeDir(new Map([["/p/t", "new"], [BACKUP, "old"]]));
  assertEquals(repairSwap(present, TARGET), []);
  const two = new FakeDir(
    new Map([[BACKUP, "old"], [OTHER_BACKUP, "older"]]),
  );
  assertEquals(repairSwap(two, TARGET).length, 1);
  assertEquals([...present.log, ...two.log], []);
});

Deno.test("repairSwap says where the old tree is when it cannot be put back", () => {
  const dir = new FakeDir(new Map([[BACKUP, "old"]]), /./);
  const error = assertThrows(
    () => repairSwap(dir, TARGET),
    IoError,
    'cannot restore "/p/t"',
  );
  assertEquals(error.fields.kept, BACKUP);
});
