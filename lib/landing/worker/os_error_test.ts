import { assert, assertEquals, assertThrows } from "@std/assert";
import { IoError, ManifestError, PermissionError } from "../../errors.ts";
import { attempt, landingErrorOf, quotePath } from "./os_error.ts";
import { inTempDir } from "../testing/trees.ts";

Deno.test("landingErrorOf says in words what the system said, where, and what to do", () => {
  const full = Object.assign(new Error("os error 28"), { code: "ENOSPC" });
  const error = landingErrorOf(full, "writing", "/x/y");
  assert(error instanceof IoError);
  assertEquals(
    error.message,
    'No space left on device writing "/x/y": free some space and run again',
  );
  assertEquals(error.fields, { path: "/x/y", os: "ENOSPC" });
  assertEquals(error.cause, full);
});

Deno.test("landingErrorOf knows the runtime's own errors", () =>
  inTempDir(async (dir) => {
    await Promise.resolve();
    assertThrows(
      () =>
        attempt("opening", `${dir}/none`, () => Deno.openSync(`${dir}/none`)),
      IoError,
      `No such file or directory opening "${dir}/none"`,
    );
  }));

Deno.test("landingErrorOf keeps typed errors and turns missing grants into permission errors", () => {
  const typed = new ManifestError("bad");
  assertEquals(landingErrorOf(typed, "writing", "x"), typed);
  const denied = new Deno.errors.NotCapable('Requires write access to "x"');
  assert(landingErrorOf(denied, "writing", "x") instanceof PermissionError);
  const system = new Deno.errors.NotCapable('Requires all access to "/dev/x"');
  assert(
    landingErrorOf(system, "writing", "/dev/x").message.endsWith(
      "choose another target",
    ),
  );
});

Deno.test("quotePath keeps a hostile name from writing to the terminal", () => {
  assertEquals(
    quotePath('a\x1b[2J\n\u009b\u202e"é'),
    String.raw`"a\u001b[2J\n\u009b\u202e\"é"`,
  );
});
