import { assertEquals } from "@std/assert";
import { attachLine, quoteShell } from "./attach_line.ts";

Deno.test("attachLine writes flags a shell takes as they are", () => {
  assertEquals(
    attachLine({
      address: "[::1]:7700",
      publicKey: new Uint8Array(32).fill(0xab),
      nodeId: 2n ** 64n - 1n,
      pskFile: "/home/o'neil/my psk",
    }),
    `--node-addr '[::1]:7700' --node-pubkey ${
      "ab".repeat(32)
    } --node-id 18446744073709551615 --psk-file '/home/o'\\''neil/my psk'`,
  );
});

Deno.test("quoteShell leaves plain words alone", () => {
  assertEquals(quoteShell("192.0.2.1:7700"), "192.0.2.1:7700");
  assertEquals(quoteShell("~/x"), "'~/x'");
  assertEquals(quoteShell(""), "''");
});
