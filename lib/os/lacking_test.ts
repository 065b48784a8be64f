import { assertEquals } from "@std/assert";
import { isLacking } from "./lacking.ts";

function osError(code: string): Error {
  return Object.assign(new Error(`${code} (os error 1)`), { code });
}

Deno.test("isLacking tells a call that a file system does not have from one that failed", () => {
  for (const code of ["EINVAL", "ENOLCK", "ENOSYS", "EOPNOTSUPP", "EPERM"]) {
    assertEquals(isLacking(osError(code)), true, code);
  }
  assertEquals(isLacking(new Deno.errors.NotSupported("x")), true);
  if (Deno.build.os === "linux") {
    const unnamed = new Error("Function not implemented (os error 38): x");
    assertEquals(isLacking(unnamed), true);
    assertEquals(isLacking(new Error("Bad message (os error 74)")), false);
  }
  for (const code of ["EIO", "ENOSPC", "EDQUOT", "EACCES"]) {
    assertEquals(isLacking(osError(code)), false, code);
  }
});
