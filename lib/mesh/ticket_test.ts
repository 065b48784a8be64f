import { assert, assertEquals, assertThrows } from "@std/assert";
import { encodeBase32 } from "@std/encoding/base32";
import fc from "fast-check";
import { blake3 } from "../content/mod.ts";
import { UsageError } from "../errors.ts";
import { TICKET_ADDRESSES_MAX, TICKET_TEXT_MAX } from "../limits.ts";
import {
  attachOptionsOf,
  decodeTicket,
  encodeTicket,
  looksLikeTicket,
  type Ticket,
  type TicketRelay,
} from "./ticket.ts";

const KEY = Uint8Array.from({ length: 32 }, (_, i) => i + 1);
const PSK = Uint8Array.from({ length: 32 }, (_, i) => 0xff - i);
const ADDRESS = "192.0.2.1:7700";
const FULL: Ticket = {
  publicKey: KEY,
  addresses: [ADDRESS],
  psk: PSK,
  content: {
    kind: "dir",
    name: "holiday-photos",
    form: "inline",
    hash: blake3(KEY),
    size: 4_194_304,
  },
};
const ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";

/** A ticket of arbitrary struct bytes, with the checksum that belongs to them. */
function seal(body: number[]): string {
  const bytes = Uint8Array.from(body);
  const sum = blake3(bytes).subarray(0, 4);
  const base32: string = encodeBase32(Uint8Array.from([...body, ...sum]));
  return `nt1${base32.toLowerCase().replaceAll("=", "")}`;
}

Deno.test("a ticket with everything has a known text", () => {
  assertEquals(
    encodeTicket(FULL),
    "nt1aeaqeayeaudaocajbifqydiob4ibceqtcqkrmfyydenbwha5dypsaaiayaaaeamuhqa777x57t57v6py673pl5ht6ly7b37o5xwox2xj5dt6nzpe4prodyabaehgq33mnfsgc6jnobug65dpomapbumemy6k5nd6pcsc64rveuh2bvqzmkqusysnavzjwhuvg7dekt4aqcaaervwxhsq",
  );
});

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
const port = fc.integer({ min: 1, max: 65_535 });
const host = fc.oneof(
  fc.ipV4(),
  fc.ipV6().map((text) => new URL(`http://[${text}]/`).hostname),
  fc.constantFrom("localhost", "files.example", "[::]", "[::1]"),
);
const address = fc.tuple(host, port).map((parts) => parts.join(":"));
const tickets: fc.Arbitrary<Ticket> = fc.record({
  publicKey: hash,
  addresses: fc.array(address, {
    minLength: 1,
    maxLength: TICKET_ADDRESSES_MAX / 2,
  }),
  psk: hash,
  relay: fc.record({
    publicKey: hash,
    addresses: fc.array(address, {
      minLength: 1,
      maxLength: TICKET_ADDRESSES_MAX / 2,
    }),
    psk: hash,
  }, { requiredKeys: ["publicKey", "addresses"] }),
  content: fc.record({
    kind: fc.constantFrom<"blob" | "dir">("blob", "dir"),
    name: fc.string({ unit: "grapheme", maxLength: 20 }).map((name) =>
      name.replace(/[/\0]/g, "_")
    ),
    form: fc.constantFrom<"inline" | "indirect">("inline", "indirect"),
    hash,
    size: fc.integer({ min: 0, max: 4_194_304 }),
  }),
}, { requiredKeys: ["publicKey", "addresses"] });

Deno.test("a ticket is read with the quotes around it that JSON, a shell or a mail has, but no others", () => {
  const text = encodeTicket(FULL);
  const pairs = ['""', "''", "``", "\u201c\u201d", "\u2018\u2019"];
  for (const [open, close] of pairs) {
    for (
      const quoted of [`${open}${text}${close}`, ` ${open} ${text}${close}\n`]
    ) {
      assert(looksLikeTicket(quoted));
      assertEquals(decodeTicket(quoted), FULL);
    }
    for (const wrong of [open + text, text + close, open, open + close]) {
      assertThrows(() => decodeTicket(wrong), UsageError);
    }
    const twice = `${open}${open}${text}${close}${close}`;
    assertThrows(() => decodeTicket(twice), UsageError);
  }
});

Deno.test("a ticket is read as it was written, in any case and amid white space", () => {
  fc.assert(
    fc.property(tickets, (ticket) => {
      const text = encodeTicket(ticket);
      assertEquals(decodeTicket(text), ticket);
      assertEquals(decodeTicket(`\r\n ${text.toUpperCase()}\t\n`), ticket);
      const wrapped = text.replaceAll(/.{60}/g, "$&\r\n");
      assertEquals(decodeTicket(wrapped), ticket);
    }),
    { numRuns: 200 },
  );
});

Deno.test("every wrong letter makes an error, never another ticket", () => {
  const text = encodeTicket(FULL);
  for (let at = 0; at < text.length; at++) {
    for (const letter of `${ALPHABET}01=.`) {
      if (letter === text[at]) continue;
      const wrong = text.slice(0, at) + letter + text.slice(at + 1);
      const error = assertThrows(() => decodeTicket(wrong), UsageError);
      assert(!error.message.includes(text.slice(60, 90)), error.message);
    }
  }
});

Deno.test("a part of a ticket, one with more, and swapped letters are errors", () => {
  const text = encodeTicket(FULL);
  for (let length = 0; length < text.length; length++) {
    assertThrows(() => decodeTicket(text.slice(0, length)), UsageError);
  }
  for (const letter of ALPHABET) {
    assertThrows(() => decodeTicket(text + letter), UsageError);
    assertThrows(() => decodeTicket(text + letter + letter), UsageError);
  }
  for (let at = 0; at + 1 < text.length; at++) {
    if (text[at] === text[at + 1]) continue;
    const swapped = text.slice(0, at) + text[at + 1] + text[at] +
      text.slice(at + 2);
    assertThrows(() => decodeTicket(swapped), UsageError);
  }
  assertThrows(() => decodeTicket(`${text} ${text}`), UsageError);
});

Deno.test("arbitrary bytes with a right checksum never break the reader", () => {
  const key = [...KEY];
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 100 }),
      (tail) => {
        try {
          decodeTicket(seal([1, ...key, ...tail]));
        } catch (error) {
          assert(error instanceof UsageError, String(error));
        }
      },
    ),
    { numRuns: 2000 },
  );
});

Deno.test("a ticket that breaks a bound, or has a second spelling, is refused", () => {
  const key = [...KEY];
  const address = [0, 192, 0, 2, 1, 0x94, 0x3c];
  const content = [0, 1, 0x61, 0, ...key];
  assertEquals(decodeTicket(seal([1, ...key, 1, ...address, 0, 0])), {
    publicKey: KEY,
    addresses: [ADDRESS],
  });
  const bad: [number[], string][] = [
    [[3, ...key, 1, ...address, 0, 0], "has version 3"],
    [[1, ...key, 0, 0, 0], "it has no address"],
    [[2, ...key, 1, ...address, 0, 0], "end of buffer"],
    [[2, ...key, 1, ...address, 0, 0, ...key, 0, 0], "relay has no address"],
    [[2, ...key, 1, ...address, 0, 0, ...key, 1, ...address], "end of buffer"],
    [[1, ...key, 1, ...address, 0, 0, ...key, 1, ...address, 0], "the one way"],
    [
      [2, ...key, 1, ...address, 0, 0, ...key, 16]
        .concat(Array(16).fill(address).flat(), 0),
      "17 addresses with those of the relay",
    ],
    [[1, ...key, 17, ...Array(17).fill(address).flat(), 0, 0], "17 addresses"],
    [[1, ...key, 1, 0, 192, 0, 2, 1, 0, 0, 0], "port 0"],
    [[1, ...key, 1, 0, 192, 0, 2, 1, 0x80, 0x80, 4, 0, 0], "port 65536"],
    [[1, ...key, 1, 2, 3, 0x61, 0x20, 0x62, 1, 0, 0], "no host name"],
    [[1, ...key, 1, 3, 192, 0, 2, 1, 1, 0, 0], "Deserialization"],
    [[1, ...key, 1, ...address, 2, 0], "Deserialization"],
    [[1, ...key, 1, ...address, 1, 0], "end of buffer"],
    [[1, ...key, 1, ...address, 0, 0, 0], "the one way"],
    [[1, ...key, 0x81, 0, ...address, 0, 0], "the one way"],
    [[1, ...key, 1, ...address, 0, 1, ...content, 0x81, 0x80, 0x80, 8], "more"],
    [[1, ...key, 1, ...address, 0, 1, 0, 1, 0x2f, 0, ...key, 0], "component"],
    [
      [1, ...key, 1, ...address, 0, 1, 0, 0x80, 2]
        .concat(Array(256).fill(0x61), 0, key, 0),
      "longer than 255",
    ],
  ];
  for (const [body, message] of bad) {
    assertThrows(() => decodeTicket(seal(body)), UsageError, message);
  }
  const long = "nt1" + "a".repeat(TICKET_TEXT_MAX);
  assertThrows(() => decodeTicket(long), UsageError, "longer than");
});

Deno.test("encodeTicket refuses what could not be used", () => {
  const bad: [Partial<Ticket>, string][] = [
    [{ publicKey: KEY.subarray(1) }, "31 bytes"],
    [{ psk: KEY.subarray(1) }, "31 bytes"],
    [{ addresses: [] }, "it has no address"],
    [{ relay: { publicKey: KEY, addresses: [] } }, "relay has no address"],
    [
      { relay: { publicKey: PSK.subarray(1), addresses: [ADDRESS] } },
      "31 bytes",
    ],
    [{ addresses: ["192.0.2.1"] }, "not an address"],
    [{ addresses: ["192.0.2.1:0"] }, "not an address"],
    [{ addresses: ["[2001:db8::1%eth0]:1"] }, "not an address"],
    [{ addresses: ["192.0.2.999:1"] }, "not an address"],
    [{ content: { ...FULL.content!, name: "a/b" } }, "path component"],
    [{ content: { ...FULL.content!, size: 2 ** 30 } }, "chunk of more than"],
  ];
  for (const [change, message] of bad) {
    assertThrows(
      () => encodeTicket({ ...FULL, ...change }),
      UsageError,
      message,
    );
  }
});

Deno.test("a ticket leaves out the zone of an address, which means nothing elsewhere", () => {
  const addresses = ["[fe80::1%eth0]:7700"];
  const { addresses: read } = decodeTicket(
    encodeTicket({ ...FULL, addresses }),
  );
  assertEquals(read, ["[fe80::1]:7700"]);
});

Deno.test("the longest ticket there can be is not too long to be read", () => {
  const name = `${"a".repeat(63)}.`.repeat(4).slice(0, 253);
  const addresses = Array(TICKET_ADDRESSES_MAX).fill(`${name}:65535`);
  const content = { ...FULL.content!, name: "n".repeat(255) };
  const text = encodeTicket({ ...FULL, addresses, content });
  assertEquals(decodeTicket(text).addresses.length, TICKET_ADDRESSES_MAX);
  const relay = { publicKey: KEY, addresses, psk: PSK };
  const relayed = encodeTicket({ ...FULL, addresses: [], content, relay });
  assertEquals(decodeTicket(relayed).relay, relay);
});

const RELAY: TicketRelay = {
  publicKey: PSK,
  addresses: ["[2001:db8::7]:7700"],
  psk: KEY,
};

Deno.test("a ticket with a relay is of version 2, has a known text, and needs no address of its node", () => {
  const text = encodeTicket({ ...FULL, addresses: [], relay: RELAY });
  assertEquals(
    text,
    "nt1aiaqeayeaudaocajbifqydiob4ibceqtcqkrmfyydenbwha5dypsaaab777p37h37l47r57w6x2ph4xr6dx653pm5pvot2hh43s6jy7c4hqacaionbxwy2lemf4s24din52g64ya6diyizr4v22h46fef5zdkjipudlbsyvbjfre2blstmpjkn6givhybaeaal7757p47p5pt6hx6327j47s6hyo73xn5tv6v2pi47tolzhd4lq6aaibeaaq3oaaaaaaaaaaaaaaaaaaa6kdyaibaibqibiga4eascqlbqgq4dyqcejbgfavcylrqgi2dmob2hq7ea6ilcd6",
  );
  assertEquals(decodeTicket(text), { ...FULL, addresses: [], relay: RELAY });
});

Deno.test("a ticket with a relay, both keys and a reference has at most 340 characters", () => {
  const relay = { ...RELAY, addresses: ["192.0.2.7:7700"] };
  const text = encodeTicket({ ...FULL, relay });
  assert(text.length <= 340, `${text.length}`);
});

Deno.test("attachOptionsOf names the relay, which has the key of the node where it has none", () => {
  const { addresses: address, publicKey, psk } = RELAY;
  const of = (relay: TicketRelay, given?: Uint8Array) =>
    attachOptionsOf({ ...FULL, relay }, given).relay;
  assertEquals(of(RELAY), { address, publicKey, psk });
  assertEquals(of(RELAY, PSK), { address, publicKey, psk });
  const { psk: _, ...without } = RELAY;
  assertEquals(of(without), { address, publicKey, psk: PSK });
  assertEquals(of(without, KEY), { address, publicKey, psk: KEY });
});

Deno.test("attachOptionsOf takes the key given before the ticket's own, and needs one", () => {
  const options = { address: [ADDRESS], publicKey: KEY };
  assertEquals(attachOptionsOf(FULL), { ...options, psk: PSK });
  assertEquals(attachOptionsOf(FULL, KEY), { ...options, psk: KEY });
  const { psk: _, ...without } = FULL;
  assertThrows(() => attachOptionsOf(without), UsageError, "no pre-shared key");
});

Deno.test("looksLikeTicket tells tickets from hex", () => {
  assert(looksLikeTicket(` ${encodeTicket(FULL).toUpperCase()}`));
  for (const other of ["b0b1b2b3", ""]) assert(!looksLikeTicket(other));
});
