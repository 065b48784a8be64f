import { assertEquals } from "@std/assert";
import type { ErrorKind } from "../errors.ts";
import { exitCode, type Stage } from "./exit_codes.ts";

Deno.test("exitCode follows the documented table", () => {
  const cases: [Stage, ErrorKind, number][] = [
    ["arguments", "usage", 2],
    ["arguments", "reference", 2],
    ["arguments", "io", 1],
    ["config_load", "config", 3],
    ["config_load", "usage", 2],
    ["config_load", "permission", 2],
    ["setup", "usage", 2],
    ["setup", "config", 2],
    ["setup", "permission", 2],
    ["setup", "io", 1],
    ["open", "io", 1],
    ["open", "store", 1],
    ["open", "usage", 2],
    ["publish", "io", 3],
    ["publish", "store", 3],
    ["attach", "timeout", 6],
    ["attach", "handshake", 6],
    ["attach", "io", 6],
    ["attach", "peer_closed", 6],
    ["recv_blob", "io", 1],
    ["recv_blob", "not_found", 3],
    ["recv_blob", "hash_mismatch", 3],
    ["recv_blob", "timeout", 3],
    ["recv_blob", "peer_closed", 3],
    ["recv_dir", "io", 3],
    ["recv_dir", "unsafe_path", 3],
    ["recv_dir", "manifest", 3],
    ["recv_dir", "timeout", 3],
    ["rpc", "usage", 3],
    ["rpc", "not_found", 3],
    ["rpc", "permission", 3],
    ["rpc", "timeout", 3],
    ["output", "io", 1],
    ["recv_dir", "internal", 1],
    ["recv_dir", "interrupted", 130],
  ];
  for (const [stage, kind, code] of cases) {
    assertEquals(exitCode(stage, kind), code, `${stage} ${kind}`);
  }
});
