import { assertEquals } from "@std/assert";
import { DenoSocket } from "./deno_socket.ts";
import { receiveBufferBytes } from "./receive_buffer_bytes.ts";

Deno.test("Linux tells what a socket gets, other systems give what they usually do", () => {
  const told: [os: typeof Deno.build.os, text: string | undefined, number][] = [
    ["linux", "4194304\n", 4_194_304],
    ["linux", "2304\n", 2304],
    ["linux", "9999999999\n", 2 ** 30],
    ["linux", undefined, 212_992],
    ["linux", "", 212_992],
    ["linux", "much\n", 212_992],
    ["darwin", "4194304\n", 786_896],
    ["windows", "4194304\n", 65_536],
  ];
  for (const [os, text, bytes] of told) {
    assertEquals(receiveBufferBytes(os, () => text), bytes, `${os} ${text}`);
  }
});

Deno.test("a socket knows what it got", () => {
  const socket = DenoSocket.bind("127.0.0.1", 0);
  assertEquals(socket.receiveBufferBytes, receiveBufferBytes());
  socket.close();
});
