import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  mount,
  mountOverlay,
  noMounts,
  noOverlays,
} from "../../tests/support/mounts.ts";
import { unless } from "../../tests/support/unless.ts";
import { ExistsError, TransferError } from "../errors.ts";
import { planInstall } from "./plan_install.ts";
import { resolveTarget } from "./resolve_target.ts";
import {
  fill,
  inTempDir,
  landTree,
  modeAt,
  namesIn,
  openTree,
  test,
  type TreeItems,
} from "./testing/trees.ts";

const ITEMS: TreeItems = [
  ["both", { file: "new" }],
  ["dir/x", { file: "x", mode: 0o100600 }],
  ["dir", { dir: true, mode: 0o500 }],
];
const TOKEN = "0123456789abcdef";

/** A directory with two entries, one of which is in the new tree, too. */
function makeOld(path: string): void {
  Deno.mkdirSync(`${path}/old`, { recursive: true });
  Deno.writeTextFileSync(`${path}/old/file`, "old");
  Deno.writeTextFileSync(`${path}/both`, "old");
}

function assertNew(path: string, more: string[] = []): void {
  assertEquals(namesIn(path), [...more, "both", "dir"].sort());
  assertEquals(Deno.readTextFileSync(`${path}/both`), "new");
  assertEquals(namesIn(`${path}/dir`), ["x"]);
}

async function inPlace(out: string) {
  const plan = await planInstall(resolveTarget(out), { inPlace: true });
  return await landTree(out, ITEMS, { replace: true, plan });
}

test("a tree is landed in place in a directory that stays what it is", async (dir) => {
  const out = `${dir}/tree`;
  makeOld(out);
  Deno.chmodSync(out, 0o711);
  const before = Deno.lstatSync(out);
  for (const _ of ["first", "again"]) {
    const { atomic, identity } = await inPlace(out);
    assertEquals([atomic, identity.ino], [false, before.ino]);
    assertNew(out);
    assertEquals(modeAt(out), 0o711);
    assertEquals(modeAt(`${out}/dir`), 0o500);
  }
  assertEquals(namesIn(dir), ["tree"]);
  const { atomic } = await landTree(out, ITEMS, { replace: true });
  assertEquals(atomic, true);
  assert(Deno.lstatSync(out).ino !== before.ino);
});

test("a landing in place that is given up leaves the old tree alone", async (dir) => {
  const out = `${dir}/tree`;
  makeOld(out);
  const plan = await planInstall(resolveTarget(out), { inPlace: true });
  {
    await using landing = await openTree(out, ITEMS, { replace: true, plan });
    await fill(landing, ITEMS);
    await assertRejects(
      () => landTree(out, ITEMS, { replace: true }),
      TransferError,
      "is already writing",
    );
    await landing.abort();
  }
  assertEquals(namesIn(out), ["both", "old"]);
  assertEquals(Deno.readTextFileSync(`${out}/both`), "old");
  assertEquals(namesIn(dir), ["tree"]);
});

test("an exchange that was stopped is finished by the next landing, of whichever kind", async (dir) => {
  for (const kind of ["rename", "in place"]) {
    const out = `${dir}/${kind}`;
    // As after the first of the new entries.
    makeOld(out);
    Deno.mkdirSync(`${out}/.net-transfer.fetch_${TOKEN}/first`, {
      recursive: true,
    });
    const aside = `${out}/.net-transfer.replaced_${TOKEN}`;
    Deno.mkdirSync(`${aside}/entries`, { recursive: true });
    Deno.renameSync(`${out}/old`, `${aside}/entries/old`);
    const journal = {
      version: 1,
      fresh: `.net-transfer.fetch_${TOKEN}`,
      oldNames: ["both", "old"],
      newNames: ["first"],
    };
    Deno.writeTextFileSync(`${aside}/journal`, JSON.stringify(journal));
    const plan = await planInstall(resolveTarget(out), {
      inPlace: kind === "in place",
    });
    {
      await using landing = await openTree(out, ITEMS, { replace: true, plan });
      assert(landing.warnings[0].includes("that was finished first"));
    }
    assertEquals(namesIn(out), ["first"]);
  }
});

test("what runs left that were stopped is removed first, and told of", async (dir) => {
  const out = `${dir}/tree`;
  makeOld(out);
  makeOld(`${dir}/.tree.removing_${TOKEN}`);
  makeOld(`${dir}/.tree.moved_${TOKEN}`);
  makeOld(`${dir}/.other.fetch_${TOKEN}`);
  {
    const how = { replace: true, clean: true };
    await using landing = await openTree(out, ITEMS, how);
    assertEquals(landing.warnings, [
      "earlier runs that were stopped had left 4 files (12 bytes) at " +
      `"${out}", which are removed now`,
    ]);
  }
  assertEquals(namesIn(dir), [`.other.fetch_${TOKEN}`, "tree"]);
});

test("an old tree that was moved aside is removed only when another new one is in place", async (dir) => {
  const out = `${dir}/tree`;
  const aside = `.tree.replaced_${TOKEN}`;
  makeOld(out);
  makeOld(`${dir}/${aside}`);
  {
    await using _landing = await openTree(out, ITEMS, { replace: true });
  }
  assertEquals(namesIn(dir), [aside, "tree"]);
  assertEquals(namesIn(`${dir}/${aside}`), ["both", "old"]);
  await landTree(out, ITEMS, { replace: true });
  assertEquals(namesIn(dir), ["tree"]);
});

test("a landing that is aborted while it removes the old tree has put the new one in place, and says what is left", async (dir) => {
  const out = `${dir}/tree`;
  makeOld(out);
  for (let i = 0; i < 20; i++) Deno.writeTextFileSync(`${out}/${i}`, "");
  const abort = new AbortController();
  const landing = await openTree(out, ITEMS, {
    replace: true,
    signal: abort.signal,
    onInstalled: () => abort.abort(new TransferError("interrupted", "stopped")),
  });
  await fill(landing, ITEMS);
  const error = await assertRejects(() => landing.commit(), TransferError);
  await landing[Symbol.asyncDispose]();
  assertNew(out);
  assertEquals(error.kind, "interrupted");
  assert(error.message.startsWith("stopped: the new tree is in place at "));
  const { left_behind, target_state, files_left } = error.fields;
  assertEquals(target_state, "replaced");
  // One has gone before the signal was looked at.
  assert(Number(files_left) >= 20);
  assert(/\.tree\.removing_[0-9a-f]{16}$/.test(String(left_behind)));
  {
    await using _next = await openTree(out, ITEMS, { replace: true });
  }
  assertEquals(namesIn(dir), ["tree"]);
});

function mountTest(
  name: string,
  run: (dir: string) => Promise<void>,
  obstacle = noMounts,
): void {
  Deno.test({ ...unless(obstacle, name), fn: () => inTempDir(run) });
}

mountTest(
  "a tree in which something is mounted is refused before anything is made",
  async (dir) => {
    makeOld(`${dir}/tree`);
    makeOld(`${dir}/disk`);
    Deno.mkdirSync(`${dir}/tree/a/b`, { recursive: true });
    for (const what of [["--bind", `${dir}/disk`], ["-t", "tmpfs", "none"]]) {
      await using _mounted = await mount(what, `${dir}/tree/a/b`);
      Deno.writeTextFileSync(`${dir}/tree/a/b/kept`, "");
      for (const inPlace of [false, true]) {
        const error = await assertRejects(
          () => planInstall(resolveTarget(`${dir}/tree`), { inPlace }),
          ExistsError,
          "another file system is mounted in it",
        );
        assertEquals(error.fields.mounted, `${dir}/tree/a/b`);
      }
      await assertRejects(
        () => openTree(`${dir}/tree`, ITEMS, { replace: true }),
        ExistsError,
      );
      assert(namesIn(`${dir}/tree/a/b`).includes("kept"));
    }
    assertEquals(namesIn(dir), ["disk", "tree"]);
  },
);

mountTest("a mount point is refused, and filled in place", async (dir) => {
  const out = `${dir}/disk`;
  Deno.mkdirSync(out);
  await using _mounted = await mount(["-t", "tmpfs", "none"], out);
  makeOld(out);
  Deno.mkdirSync(`${out}/lost+found`);
  const error = await assertRejects(
    () => openTree(out, ITEMS, { replace: true }),
    ExistsError,
    "it is a mount point",
  );
  assert(error.hint?.includes("--in-place"));
  assertEquals((await inPlace(out)).atomic, false);
  assertNew(out, ["lost+found"]);
  assertEquals(namesIn(dir), ["disk"]);
});

mountTest(
  "a directory of a lower layer is replaced in place, with a warning, and by renames once it is not",
  async (dir) => {
    makeOld(`${dir}/lower/app/data`);
    await using _mounted = await mountOverlay(dir);
    const out = `${dir}/merged/app/data`;
    const first = await landTree(out, ITEMS, { replace: true });
    assertEquals(first.atomic, false);
    assert(first.warnings.some((text) => text.includes("of a lower layer")));
    assertNew(out);
    const fresh = await landTree(`${dir}/merged/app/new`, ITEMS);
    assertEquals([fresh.atomic, fresh.warnings], [true, []]);
    assertEquals(namesIn(`${dir}/merged/app`), ["data", "new"]);
  },
  noOverlays,
);

mountTest(
  "a directory whose parent does not let it go is refused, and filled in place",
  async (dir) => {
    makeOld(`${dir}/outer/tree`);
    const out = `${dir}/outer/tree`;
    const chattr = (flag: string) =>
      new Deno.Command("chattr", { args: [flag, `${dir}/outer`] }).output();
    const isFixed = await chattr("+i").then(
      ({ success }) => success,
      () => false,
    );
    if (!isFixed) {
      return console.log("skipped: there are no immutable directories here");
    }
    try {
      const error = await assertRejects(
        () => openTree(out, ITEMS, { replace: true }),
        ExistsError,
        "does not let it be renamed",
      );
      assert(error.hint?.includes("--in-place"));
      await inPlace(out);
      assertNew(out);
    } finally {
      await chattr("-i");
    }
  },
);
