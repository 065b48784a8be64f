import { assert, assertEquals } from "@std/assert";
import {
  HashMismatchError,
  IoError,
  ManifestError,
  PermissionError,
  TimeoutError,
  TransferError,
  UnsafePathError,
} from "../../errors.ts";
import { fromWireError, toWireError } from "./worker_protocol.ts";

Deno.test("errors keep kind, class, message, hint and fields across the worker boundary", () => {
  const options = {
    hint: "do this",
    fields: { path: "a", size: 5n, last: true },
  };
  const errors = [
    new HashMismatchError("aa", "bb", options),
    new IoError("disk", options),
    new ManifestError("manifest", options),
    new PermissionError("grant", options),
    new UnsafePathError("path", options),
  ];
  for (const error of errors) {
    const copy = fromWireError(structuredClone(toWireError(error)));
    assert(copy instanceof error.constructor, error.name);
    assertEquals(copy.kind, error.kind);
    assertEquals(copy.message, error.message);
    assertEquals(copy.hint, error.hint);
    assertEquals(copy.fields, error.fields);
  }
});

Deno.test("errors of other kinds cross the worker boundary by their kind", () => {
  assertEquals(
    fromWireError(toWireError(new TimeoutError("late"))).kind,
    "timeout",
  );
  const unknown = fromWireError(toWireError(new RangeError("odd")));
  assert(unknown instanceof TransferError);
  assertEquals(unknown.kind, "internal");
  assertEquals(unknown.message, "RangeError: odd");
});
