import { assertEquals } from "@std/assert";
import { udpCounter } from "./socket_buffers.ts";

const TABLE = [
  "Tcp: RtoAlgorithm RtoMin",
  "Tcp: 1 200",
  "Udp: InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors SndbufErrors",
  "Udp: 3874761 2411 46822 3927782 46820 0",
  "UdpLite: InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors",
  "UdpLite: 1 1 1 1 1",
  "",
].join("\n");

Deno.test("a counter of UDP is found by its name", () => {
  assertEquals(udpCounter(TABLE, "InDatagrams"), 3_874_761);
  assertEquals(udpCounter(TABLE, "RcvbufErrors"), 46_820);
});

Deno.test("a counter that is not told, or in no table, is unknown", () => {
  assertEquals(udpCounter(TABLE, "MemErrors"), undefined);
  assertEquals(udpCounter("", "InDatagrams"), undefined);
  assertEquals(udpCounter("Udp: InDatagrams\n", "InDatagrams"), undefined);
  const none = "Udp: InDatagrams\nUdp: many\n";
  assertEquals(udpCounter(none, "InDatagrams"), undefined);
});
