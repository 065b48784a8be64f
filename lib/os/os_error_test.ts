import {
  assert,
  assertEquals,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { join } from "@std/path";
import { IoError, ManifestError, PermissionError } from "../errors.ts";
import {
  attempt,
  attemptAsync,
  ioErrorOf,
  isOsError,
  lookAt,
  osErrorCode,
  osErrorWords,
} from "./os_error.ts";
import { unless } from "../../tests/support/unless.ts";

const FULL = Object.assign(
  new Error("No space left on device (os error 28): writefile '/x/y'"),
  { code: "ENOSPC" },
);

Deno.test("ioErrorOf says what could not be done, where, why, and what to do", () => {
  const error = ioErrorOf(FULL, "write the PSK file", "/x/y\n", { chunk: 3 });
  assert(error instanceof IoError);
  assertEquals(
    error.message,
    'cannot write the PSK file "/x/y\\n": No space left on device (os error 28)',
  );
  assertEquals(error.hint, "free some space and run again");
  assertEquals(error.fields, { chunk: 3, path: "/x/y\n", os: "ENOSPC" });
  assertStrictEquals(error.cause, FULL);
  assertEquals(error.kind, "io");
});

Deno.test({
  ...unless(
    Deno.build.os === "linux" ? undefined : "numbers of Linux",
    "a code that the runtime has no name for is known by its number",
  ),
  fn() {
    const over = new Error("Disk quota exceeded (os error 122): writefile");
    const error = ioErrorOf(over, "write", "/x");
    assertEquals(error.fields.os, "EDQUOT");
    assertEquals(error.hint?.includes("quota"), true);
    assertEquals(
      osErrorCode(new Error("Bad message (os error 74)")),
      undefined,
    );
  },
});

Deno.test("the runtime's own errors are known, at once and as rejections", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const path = join(dir, "none");
    const said = `cannot open "${path}": `;
    assertThrows(
      () => attempt("open", path, () => Deno.openSync(path)),
      IoError,
      said,
    );
    const error = await assertRejects(
      () => attemptAsync("open", path, () => Deno.open(path)),
      IoError,
      said,
    );
    assertEquals(error.fields, { path, os: "ENOENT" });
    assertEquals(error.hint, undefined);
    assertEquals(attempt("look at", dir, () => 1), 1);
    assertEquals(
      await attemptAsync("look at", dir, () => Promise.resolve(1)),
      1,
    );
    assertEquals(lookAt(path), undefined);
    assertEquals(lookAt(dir)?.isDirectory, true);
    if (Deno.build.os !== "windows") {
      Deno.writeTextFileSync(path, "");
      assertThrows(() => lookAt(join(path, "x")), IoError, "cannot look at");
    }
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("typed errors and aborts pass unchanged", async () => {
  const typed = new ManifestError("bad");
  assertStrictEquals(ioErrorOf(typed, "write", "x"), typed);
  const abort = new DOMException("stop", "AbortError");
  const thrown = await assertRejects(() =>
    attemptAsync("read", "x", () => Promise.reject(abort))
  );
  assertStrictEquals(thrown, abort);
});

Deno.test("a missing grant is a permission error", () => {
  const denied = new Deno.errors.NotCapable('Requires write access to "x"');
  const error = ioErrorOf(denied, "write", "x");
  assert(error instanceof PermissionError);
  assertEquals(error.message, 'cannot write "x": Requires write access to "x"');
  assertEquals(error.hint, "grant it to the process, or run with --allow-all");
  const system = ioErrorOf(
    new Deno.errors.NotCapable('Requires all access to "/dev/x"'),
    "write",
    "/dev/x",
  );
  assert(system instanceof PermissionError);
  assertEquals(
    system.message,
    'cannot write "/dev/x": it is below a system directory',
  );
  assertEquals(system.hint, "choose another path");
});

Deno.test("failures of the system are told from mistakes in a program", () => {
  const coded = Object.assign(new Error("x"), { code: "ENETUNREACH" });
  const bare = new Error("No such device (os error 6): open 'x'");
  for (
    const error of [
      FULL,
      coded,
      bare,
      new Deno.errors.NotFound("x"),
      new Deno.errors.AddrInUse("x"),
      new Deno.errors.UnexpectedEof("x"),
    ]
  ) assertEquals(isOsError(error), true, String(error));
  for (
    const error of [
      new TypeError("x (os error 6)"),
      Object.assign(new Error("x"), { code: "ERR_INVALID" }),
      new Deno.errors.NotCapable("x"),
      new Deno.errors.BadResource("x"),
      "No such device (os error 6)",
    ]
  ) {
    assertEquals(isOsError(error), false, String(error));
    if (!(error instanceof Deno.errors.NotCapable)) {
      assertEquals(ioErrorOf(error, "write", "x").kind, "internal");
    }
  }
  assertEquals(osErrorWords(FULL), "No space left on device (os error 28)");
  assertEquals(osErrorWords(new Error("no")), "no");
  assertEquals(osErrorWords("no"), "no");
});
