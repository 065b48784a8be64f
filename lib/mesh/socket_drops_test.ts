import { assert, assertEquals } from "@std/assert";
import { unless } from "../../tests/support/unless.ts";
import { dropsIn, socketDrops } from "./socket_drops.ts";
import { DenoSocket } from "./deno_socket.ts";

const HEAD =
  "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops";
const ROW =
  "3010: 0100007F:1E14 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 1017644 2 000000007cd3d80b 42";

Deno.test("drops are read from the row of the socket's port, and only from there", () => {
  const other = ROW.replace("1E14", "1E15").replace(/42$/, "7");
  assertEquals(dropsIn([HEAD, other, ROW, ""].join("\n"), 7700), 42);
  assertEquals(dropsIn([HEAD, ROW, ROW].join("\n"), 7700), 84);
  assertEquals(dropsIn([HEAD, other].join("\n"), 7700), undefined);
});

Deno.test("a table that is none tells of no drops", () => {
  for (const text of ["", HEAD, `${HEAD}\n3010: 0100007F:1E14 cut short`]) {
    assertEquals(dropsIn(text, 7700), undefined);
  }
});

Deno.test(
  unless(
    Deno.build.os === "linux" ? undefined : "only Linux tells of drops",
    "the drops of a socket that nobody reads are counted",
  ),
  async () => {
    const full = DenoSocket.bind("127.0.0.1", 0);
    const sender = DenoSocket.bind("127.0.0.1", 0);
    assertEquals(full.drops, 0);
    // Twice what its buffer holds.
    const bytes = new Uint8Array(60_000);
    for (let i = 0; i < 8; i++) await sender.send(bytes, 60_000, full.local);
    const { drops } = full;
    assert(drops !== undefined && drops > 0, `${drops}`);
    assertEquals(sender.drops, 0);
    full.close();
    sender.close();
    assertEquals(socketDrops({ hostname: "127.0.0.1", port: 0 }), undefined);
  },
);
