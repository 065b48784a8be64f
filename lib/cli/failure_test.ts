import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { NotFoundError, TransferError, UsageError } from "../errors.ts";
import { renderFailure, toTransferError } from "./failure.ts";
import { anyText } from "./framework/output/testing/arbitrary_fields.ts";

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
      '{"error":{"kind":"not_found","message":"gone","exit_code":3,"peer":9223372036854775808,"peer_hex":"0x8000000000000000"}}',
    );
  }
});

Deno.test("renderFailure lets no message, hint or field forge a line", () => {
  fc.assert(
    fc.property(anyText, anyText, anyText, (message, hint, path) => {
      const error = new TransferError("store", message, {
        hint,
        fields: { path },
      });
      const text = renderFailure(error, { exitCode: 3 });
      assertEquals(text.split("\n").length, 2);
      const json = renderFailure(error, { exitCode: 3, format: "json" });
      for (const shown of [...text.split("\n"), json]) {
        assert(!/[\p{Cc}\p{Cs}\u2028-\u202e]/u.test(shown), shown);
      }
      assertEquals(JSON.parse(json), {
        error: { kind: "store", message, exit_code: 3, hint, path },
      });
    }),
  );
});

Deno.test("toTransferError tells failures of the system from bugs", () => {
  const kinds: [unknown, string][] = [
    [new Deno.errors.NotFound("x"), "io"],
    [new Deno.errors.BrokenPipe("x"), "io"],
    [Object.assign(new Error("full"), { code: "ENOSPC" }), "io"],
    [new Error("No such device (os error 6): open 'x'"), "io"],
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
