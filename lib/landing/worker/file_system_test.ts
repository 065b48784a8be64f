import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { IoError } from "../../errors.ts";
import { namesIn, test } from "../testing/trees.ts";
import {
  PROBE_OPERATIONS,
  probeFileSystem,
  type ProbeOperations,
} from "./file_system.ts";

const WINDOWS = Deno.build.os === "windows";

/** An error as the runtime makes it. */
function osError(code: string): Error {
  return Object.assign(new Error(`${code} (os error 1)`), { code });
}

function fails(code: string): () => never {
  return () => {
    throw osError(code);
  };
}

test("a probe of a disk finds what the disk does and leaves nothing behind", (dir) => {
  const traits = probeFileSystem(dir, "local");
  assertEquals(namesIn(dir), []);
  assertEquals(traits.volume, "local");
  assertEquals(traits.keepsModes, !WINDOWS);
  Deno.writeTextFileSync(`${dir}/x`, "");
  assertEquals(traits.uid, Deno.lstatSync(`${dir}/x`).uid);
});

test("a probe tells a stick without modes, links and holes from a disk", (dir) => {
  /** As exFAT in user space answers. */
  const stick: ProbeOperations = {
    ...PROBE_OPERATIONS,
    create(path) {
      if (path.endsWith("a:b")) throw osError("ENOENT");
      return { ...PROBE_OPERATIONS.create(path), uid: 65534 };
    },
    createPlain: () => 0o100777,
    chmod: () => 0o100777,
    link: fails("EPERM"),
    exists: (path) => path.endsWith("cASE"),
    extend: () => 128,
  };
  assertEquals(probeFileSystem(dir, "user_space", stick), {
    volume: "user_space",
    uid: 65534,
    newFileMode: 0o777,
    keepsModes: false,
    hardLinks: false,
    foldsCase: true,
    foldsUnicode: false,
    windowsNames: true,
    dropsDots: false,
    asciiNames: false,
    holes: false,
    stableInodes: false,
    keepsRenamed: true,
  });
  assertEquals(namesIn(dir), []);
});

test("a probe takes a call that the file system refuses for one it does not have", (dir) => {
  const share = { ...PROBE_OPERATIONS, chmod: fails("EPERM") };
  const traits = probeFileSystem(dir, "network", share);
  assertEquals(traits.keepsModes, false);
  assertEquals(traits.volume, "network");
});

test("a probe finds out that names have to be of ASCII", (dir) => {
  const page: ProbeOperations = {
    ...PROBE_OPERATIONS,
    create(path) {
      if (/\P{ASCII}/u.test(path)) throw osError("EPERM");
      return PROBE_OPERATIONS.create(path);
    },
  };
  const { asciiNames, foldsUnicode } = probeFileSystem(dir, "local", page);
  assertEquals([asciiNames, foldsUnicode], [true, false]);
});

test("a probe fails where nothing can be made, and says where", (dir) => {
  const full = { ...PROBE_OPERATIONS, mkdir: fails("EROFS") };
  assertThrows(
    () => probeFileSystem(dir, "local", full),
    IoError,
    `cannot create a directory in "${dir}"`,
  );
});

test("a probe finds out that a directory loses what is in it when it is renamed", (dir) => {
  const losing: ProbeOperations = {
    ...PROBE_OPERATIONS,
    rename(from, to) {
      PROBE_OPERATIONS.remove(from);
      PROBE_OPERATIONS.mkdir(to);
    },
  };
  assertEquals(probeFileSystem(dir, "user_space", losing).keepsRenamed, false);
  assertEquals(probeFileSystem(dir, "unknown", losing).keepsRenamed, false);
  assertEquals(namesIn(dir), []);
});

test("a probe renames nothing on a disk of this machine, and takes a rename that fails for one that loses nothing", (dir) => {
  const refusing = { ...PROBE_OPERATIONS, rename: fails("EPERM") };
  for (const volume of ["local", "network"] as const) {
    assertEquals(probeFileSystem(dir, volume, refusing).keepsRenamed, true);
  }
});

test("a directory that lets nothing be removed is told, and what is left in it", (dir) => {
  const remove = fails("EPERM");
  const error = assertThrows(
    () => probeFileSystem(dir, "local", { ...PROBE_OPERATIONS, remove }),
    IoError,
    "nothing can be removed from",
  );
  const [left] = namesIn(dir);
  assertEquals(error.fields.left_behind, `${dir}/${left}`);
  assertStringIncludes(error.hint ?? "", `remove "${dir}/${left}"`);
});
