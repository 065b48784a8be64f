import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { unless } from "../../tests/support/unless.ts";
import { IoError, PermissionError } from "../errors.ts";
import { BlobLanding } from "./blob_landing.ts";
import { startConfined } from "./confined_worker.ts";
import { namesIn, openTree, test } from "./testing/trees.ts";

/** Runs in the worker: tries everything and answers with what was allowed. */
const PROBE = `
onmessage = async ({ data: dir }) => {
  const tries = {
    inside: () => { Deno.writeTextFileSync(dir + "/x", ""); Deno.removeSync(dir + "/x"); },
    read: () => Deno.readTextFileSync("/etc/hostname"),
    sibling: () => Deno.writeTextFileSync(dir + "/../landing_escape", ""),
    dotdot: () => Deno.writeTextFileSync(dir + "/a/../../landing_escape", ""),
    net: () => Deno.connect({ hostname: "127.0.0.1", port: 9 }),
    listen: () => Deno.listen({ hostname: "127.0.0.1", port: 0 }),
    env: () => Deno.env.get("HOME"),
    run: () => new Deno.Command("true").outputSync(),
    ffi: () => Deno.dlopen("libc.so.6", {}),
    sys: () => Deno.hostname(),
    symlink: () => Deno.symlinkSync("/etc", dir + "/link"),
    worker: () => new Worker("data:application/javascript,", { type: "module", deno: { permissions: { net: true } } }),
  };
  const allowed = [];
  for (const [name, attempt] of Object.entries(tries)) {
    try { await attempt(); allowed.push(name); } catch (error) {
      if (!["NotCapable", "PermissionDenied"].includes(error.name)) allowed.push(name + ": " + error);
    }
  }
  postMessage(allowed);
};`;

test("startConfined lets a worker touch its directory and nothing else", async (dir) => {
  const worker = startConfined(PROBE, dir);
  const answer = Promise.withResolvers<string[]>();
  worker.onmessage = ({ data }) => answer.resolve(data);
  worker.postMessage(dir);
  assertEquals(await answer.promise, ["inside"]);
  worker.terminate();
  assertEquals(namesIn(dir), []);
});

function deno(permissions: string[], script: string, args: string[]) {
  const url = new URL(`testing/${script}`, import.meta.url).href;
  return new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-check",
      "--no-prompt",
      ...permissions,
      url,
      ...args,
    ],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
}

async function report(
  permissions: string[],
  dir: string,
  script = "scoped_landing.ts",
) {
  const { stdout, stderr } = await deno(permissions, script, [dir]).output();
  const text = new TextDecoder();
  assertEquals(text.decode(stderr), "");
  return JSON.parse(text.decode(stdout));
}

test("a process that may touch the target's parent only lands everything but links", async (dir) => {
  const result = await report(
    [`--allow-read=${dir}`, `--allow-write=${dir}`],
    dir,
  );
  const { links, ...rest } = result;
  assertEquals(rest, {
    file: "done",
    fileAgain: "done",
    tree: 1,
    treeAgain: 1,
  });
  assertStringIncludes(links, "permission: the tree holds 1 symbolic links");
  assertStringIncludes(links, "unscoped --allow-read and --allow-write");
  assertEquals(Deno.readTextFileSync(`${dir}/file`), "second");
  assertEquals(namesIn(`${dir}/tree`), ["c"]);
  assertEquals(namesIn(dir), ["file", "tree"]);
});

test("a process that may touch the target only lands in place", async (dir) => {
  const out = `${dir}/tree`;
  Deno.mkdirSync(`${out}/old`, { recursive: true });
  const result = await report(
    [`--allow-read=${out}`, `--allow-write=${out}`],
    out,
    "scoped_in_place.ts",
  );
  assertEquals(result, { atomic: false });
  assertEquals(namesIn(out), ["new"]);
  assertEquals(namesIn(dir), ["tree"]);
});

test("a process without permission says which grant it lacks", async (dir) => {
  const result = await report([`--allow-read=${dir}`], dir);
  for (const key of ["file", "tree"]) {
    assertStringIncludes(result[key], "permission: ");
    assertStringIncludes(result[key], `run with --allow-write=${dir}`);
    assert(!result[key].includes("--allow-read"));
  }
  assertEquals(namesIn(dir), []);
});

Deno.test(
  unless(
    (Deno.uid() ?? 0) === 0 ? undefined : "the system refuses others before",
    "LandingWorker reports a target the runtime closes to confined code",
  ),
  async () => {
    const error = await assertRejects(
      () => BlobLanding.open({ out: "/dev/landing_test" }),
      PermissionError,
      "it is below a system directory",
    );
    assertEquals(error.hint, "choose another path");
  },
);

const HELD = [["blob", "blob"], ["tree", "tree"], ["blob", "tree"]];
for (const [kind, held] of HELD) {
  test(
    `a ${kind} landing is refused where another process lands a ${held}, and free once that is killed`,
    async (dir) => {
      const out = `${dir}/out`;
      const open = () =>
        kind === "blob" ? BlobLanding.open({ out }) : openTree(out, []);
      const scope = [`--allow-read=${dir}`, `--allow-write=${dir}`];
      const other = deno(scope, "hold_landing.ts", [held, out]).spawn();
      const reader = other.stdout.getReader();
      const { value } = await reader.read();
      assertEquals(new TextDecoder().decode(value), "writing\n");
      const error = await assertRejects(
        open,
        IoError,
        `process ${other.pid} is already writing`,
      );
      assertEquals(error.fields.pid, other.pid);
      other.kill("SIGKILL");
      await other.status;
      await reader.cancel();
      await other.stderr.cancel();
      await using landing = await open();
      const both = kind === "tree" && held === "tree";
      assertEquals(landing.warnings.length, both ? 1 : 0);
      if (both) assertMatch(landing.warnings[0], /fetch of another tree/);
    },
  );
}
