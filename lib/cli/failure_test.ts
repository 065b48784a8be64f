import { assertEquals, assertRejects } from "@std/assert";
import { NotFoundError, TransferError, UsageError } from "../errors.ts";
import { explaining, renderFailure, toTransferError } from "./failure.ts";

Deno.test("renderFailure writes one line for people and one for the hint", () => {
  const error = new UsageError("no\nway", { hint: "try again" });
  assertEquals(
    renderFailure(error, { exitCode: 2 }),
    "net-transfer: no\\nway\nhint: try again",
  );
});

Deno.test("renderFailure writes one JSON line for programs", () => {
  const error = new NotFoundError("gone", { fields: { peer: 2n ** 63n } });
  for (const format of ["json", "ndjson", "yaml"] as const) {
    assertEquals(
      renderFailure(error, { exitCode: 3, format }),
      '{"error":{"kind":"not_found","message":"gone","exit_code":3,"peer":9223372036854775808}}',
    );
  }
});

Deno.test("toTransferError tells failures of the system from bugs", () => {
  const kinds: [unknown, string][] = [
    [new Deno.errors.NotFound("x"), "io"],
    [new Deno.errors.BrokenPipe("x"), "io"],
    [Object.assign(new Error("full"), { code: "ENOSPC" }), "io"],
    [new Deno.errors.NotCapable("x"), "permission"],
    [new DOMException("x", "TimeoutError"), "timeout"],
    [new DOMException("x", "AbortError"), "interrupted"],
    [new TypeError("x"), "internal"],
    ["thrown text", "internal"],
  ];
  for (const [thrown, kind] of kinds) {
    assertEquals(toTransferError(thrown).kind, kind, String(thrown));
  }
});

Deno.test("explaining says what an operation was about and keeps the kind", async () => {
  const error = await assertRejects(
    () =>
      explaining(
        "cannot open 'a'",
        () => Promise.reject(new Deno.errors.NotFound("No such file")),
      ),
    TransferError,
    "cannot open 'a': No such file",
  );
  assertEquals(error.kind, "io");
});
