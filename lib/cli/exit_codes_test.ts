import { assertEquals } from "@std/assert";
import type { ErrorKind } from "../errors.ts";
import { exitCode, type Stage } from "./exit_codes.ts";

const CODES: [Stage, Partial<Record<ErrorKind, number>>][] = [
  ["arguments", { usage: 2, reference: 2, io: 1 }],
  ["config_load", { config: 3, usage: 2, permission: 2 }],
  ["setup", { usage: 2, config: 2, permission: 2, io: 1 }],
  ["open", { io: 1, store: 1, usage: 2 }],
  ["publish", { io: 3, store: 3, usage: 2 }],
  ["attach", { timeout: 6, handshake: 6, io: 6, peer_closed: 6, usage: 2 }],
  ["attach", { config: 2 }],
  ["relay", { not_found: 3, permission: 3, timeout: 3, usage: 2 }],
  ["recv_blob", {
    io: 1,
    exists: 2,
    not_found: 3,
    hash_mismatch: 3,
    timeout: 3,
  }],
  ["recv_blob", { peer_closed: 3, protocol: 3, usage: 2 }],
  ["recv_dir", { io: 3, unsafe_path: 3, manifest: 3, timeout: 3, usage: 2 }],
  ["recv_dir", { internal: 1, interrupted: 130, protocol: 3 }],
  ["rpc", { usage: 3, not_found: 3, permission: 3, timeout: 3 }],
  ["serve", { io: 1, usage: 2, store: 3 }],
  ["output", { io: 1, usage: 1 }],
];

Deno.test("each stage has an exit code for each kind of failure", () => {
  for (const [stage, codes] of CODES) {
    for (const [kind, code] of Object.entries(codes)) {
      const found = exitCode(stage, kind as ErrorKind);
      assertEquals(found, code, `${stage} ${kind}`);
    }
  }
});
