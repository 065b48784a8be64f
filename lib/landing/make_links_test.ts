import { assertThrows } from "@std/assert";
import { TransferError, UnsafePathError } from "../errors.ts";
import { requireOwnTree } from "./make_links.ts";
import { test } from "./testing/trees.ts";

test("links are made in the temp tree alone, at paths that a manifest may have", (dir) => {
  const prefix = `${dir}/.out.`;
  const root = `${prefix}fetch_0123456789abcdef`;
  Deno.mkdirSync(root);
  const link = { path: "a/b", target: "c" };
  requireOwnTree({ root, links: [link] }, prefix);
  const elsewhere = [dir, "/etc", `${root}/..`, `${root}/a`, `${prefix}other`];
  for (const other of elsewhere) {
    const sealed = { root: other, links: [link] };
    assertThrows(() => requireOwnTree(sealed, prefix), TransferError);
  }
  for (const path of ["../x", "/etc/x", "a/../../x"]) {
    const sealed = { root, links: [{ path, target: "c" }] };
    assertThrows(() => requireOwnTree(sealed, prefix), UnsafePathError);
  }
});
