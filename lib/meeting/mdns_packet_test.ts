import { assert, assertEquals } from "@std/assert";
import dnsPacket from "dns-packet";
import { MDNS_PACKET_MAX, MDNS_RECORDS_MAX } from "../limits.ts";
import {
  type Announcement,
  decodeMdns,
  encodeMdnsAnswer,
  encodeMdnsQuery,
  isAnnouncedName,
  SERVICE,
} from "./mdns_packet.ts";

const SHARE: Announcement = {
  instance: "0123456789abcdef",
  port: 7700,
  publicKey: new Uint8Array(32).fill(0xab),
  tag: {
    salt: new Uint8Array(8).fill(1),
    tag: new Uint8Array(16).fill(2),
  },
};
const HOLDER: Announcement = {
  instance: "Ann's shelf (ab12)",
  port: 1,
  publicKey: new Uint8Array(32).fill(1),
  name: "Ann's shelf. ü",
};
const ADDRESSES = ["192.0.2.2", "fe80::1%eth0"];

Deno.test("a question for our service is known as one, others are not", () => {
  const message = decodeMdns(encodeMdnsQuery(77));
  assertEquals(message, { id: 77, asks: true, announced: [] });
  const other = { type: "PTR", name: "_ipp._tcp.local" };
  const query = dnsPacket.encode({ type: "query", questions: [other] });
  assertEquals(decodeMdns(query)?.asks, false);
  const upper = { type: "ANY", name: SERVICE.toUpperCase() };
  const any = dnsPacket.encode({ type: "query", questions: [upper] });
  assertEquals(decodeMdns(any)?.asks, true);
});

Deno.test("what a node announces comes out at the other end", () => {
  for (const announcement of [SHARE, HOLDER]) {
    const bytes = encodeMdnsAnswer(announcement, { addresses: ADDRESSES });
    assertEquals(decodeMdns(bytes), {
      id: 0,
      asks: false,
      announced: [{ ...announcement, ttl: 120 }],
    });
  }
});

Deno.test("an answer to who keeps no cache repeats the question, and is soon forgotten", () => {
  const bytes = encodeMdnsAnswer(SHARE, { addresses: ADDRESSES, legacyId: 77 });
  const message = decodeMdns(bytes);
  assertEquals([message?.id, message?.announced[0].ttl], [77, 10]);
  const { questions, answers, additionals } = dnsPacket.decode(bytes);
  assertEquals(questions[0].name, SERVICE);
  const flushing = [...answers, ...additionals].filter(
    ({ flush }: { flush: boolean }) => flush,
  );
  assertEquals(flushing, []);
});

Deno.test("a node that is gone says so", () => {
  const bytes = encodeMdnsAnswer(SHARE, { addresses: [], goodbye: true });
  assertEquals(decodeMdns(bytes)?.announced[0].ttl, 0);
});

Deno.test("the announcement of a share has no name of the content, the machine or a person", () => {
  const bytes = encodeMdnsAnswer(SHARE, { addresses: ADDRESSES });
  const { answers, additionals } = dnsPacket.decode(bytes);
  const names = new Set([...answers, ...additionals].map(
    ({ name }: { name: string }) => name,
  ));
  assertEquals([...names].sort(), [
    "0123456789abcdef._net-transfer._udp.local",
    SERVICE,
    "abababababababab.local",
  ]);
});

Deno.test("what is no packet, or too much of one, is none", () => {
  const good = encodeMdnsAnswer(SHARE, { addresses: ADDRESSES });
  for (let length = 0; length < good.length; length++) {
    const { announced = [] } = decodeMdns(good.subarray(0, length)) ?? {};
    // The package reads what is there of a text; a key is whole, or none.
    for (const { publicKey } of announced) {
      assertEquals(publicKey, SHARE.publicKey);
    }
  }
  const many = dnsPacket.encode({
    type: "query",
    questions: Array.from(
      { length: MDNS_RECORDS_MAX + 1 },
      () => ({ type: "PTR", name: SERVICE }),
    ),
  });
  assertEquals(decodeMdns(many), undefined);
  assertEquals(decodeMdns(new Uint8Array(MDNS_PACKET_MAX + 1)), undefined);
  // Names that point to each other.
  const loop = encodeMdnsQuery(1).slice();
  loop.set([0xc0, 0x0c], 12);
  assertEquals(decodeMdns(loop), undefined);
});

Deno.test("announcements without a key, of another version or with a port of 0 are left out", () => {
  const record = (texts: string[], port = 7) => ({
    type: "response",
    answers: [
      { type: "SRV", name: `a.${SERVICE}`, data: { port, target: "h.local" } },
      { type: "TXT", name: `a.${SERVICE}`, data: texts },
    ],
  });
  const key = `k=${"ab".repeat(32)}`;
  const announced = (texts: string[], port?: number) =>
    decodeMdns(dnsPacket.encode(record(texts, port)))?.announced.length;
  assertEquals(announced(["v=1", key]), 1);
  assertEquals(announced(["v=2", key]), 0);
  assertEquals(announced([key]), 0);
  assertEquals(announced(["v=1"]), 0);
  assertEquals(announced(["v=1", key.slice(0, -1)]), 0);
  assertEquals(announced(["v=1", key], 0), 0);
});

Deno.test("a name to announce is neither empty nor longer than a label", () => {
  assert(isAnnouncedName("a"));
  assert(isAnnouncedName("ü".repeat(31)));
  assert(!isAnnouncedName("ü".repeat(32)));
  assert(!isAnnouncedName(""));
});
