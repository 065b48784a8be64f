import { assert, assertEquals, assertThrows } from "@std/assert";
import { type AeadName, TAG_LENGTH } from "./aead.ts";
import type { KeyPhase } from "./packet_header.ts";
import { type KeyLimits, PacketProtection } from "./packet_protection.ts";
import { testProtection } from "../testing/connection_options.ts";
import { testProvider } from "../testing/crypto.ts";
import { forgeries } from "../testing/bytes.ts";
import { RecordedMemory } from "../testing/recorded_memory.ts";
import { assertTransportError } from "../testing/assert_transport_error.ts";

const PTO = 100;

interface Sealed {
  phase: KeyPhase;
  number: number;
  header: Uint8Array;
  bytes: Uint8Array;
}

class End {
  #next = 0;

  constructor(readonly protection: PacketProtection) {}

  send(now: number): Sealed {
    const number = this.#next++;
    this.protection.maybeRekey(now, PTO);
    const phase = this.protection.sendKeyPhase;
    const header = Uint8Array.of(0x40 | (phase << 2), number);
    const plaintext = Uint8Array.of(number, 7, 7);
    const bytes = new Uint8Array(plaintext.length + TAG_LENGTH);
    this.protection.seal(now, number, header, plaintext, bytes);
    return { phase, number, header, bytes };
  }

  receive(now: number, packet: Sealed): boolean {
    this.protection.maybeRekey(now, PTO);
    const { phase, number, header, bytes } = packet;
    const plaintext = this.protection.open(now, phase, number, header, bytes);
    if (plaintext === undefined) return false;
    assertEquals(plaintext, Uint8Array.of(number, 7, 7));
    return true;
  }
}

function pair(limits: KeyLimits = {}, aead?: AeadName): [End, End] {
  return [
    new End(testProtection(0, limits, undefined, aead)),
    new End(testProtection(1, limits, undefined, aead)),
  ];
}

for (const aead of ["chacha20-poly1305", "aes-256-gcm"] as const) {
  Deno.test(`both directions change keys on their own many times (${aead})`, () => {
    const [a, b] = pair({ rekeyPackets: 4 }, aead);
    const phases = { a: 0, b: 0 };
    let last = { a: 0, b: 0 };
    for (let round = 0; round < 60; round++) {
      const now = round * PTO;
      const toB = a.send(now);
      assert(b.receive(now, toB));
      a.protection.onAcked(toB.number);
      phases.a += toB.phase === last.a ? 0 : 1;
      // b sends half as often, so its keys change at other times.
      if (round % 2 === 0) {
        const toA = b.send(now);
        assert(a.receive(now, toA));
        b.protection.onAcked(toA.number);
        phases.b += toA.phase === last.b ? 0 : 1;
        last = { a: toB.phase, b: toA.phase };
      } else {
        last = { ...last, a: toB.phase };
      }
    }
    assertEquals(phases, { a: 14, b: 7 });
  });
}

Deno.test("packets reordered across a key change open until 3 PTO have passed", () => {
  const [a, b] = pair({ rekeyPackets: 4 });
  const old = Array.from({ length: 4 }, () => a.send(0));
  assert(b.receive(0, old[0]));
  a.protection.onAcked(0);
  const fresh = [a.send(3 * PTO), a.send(3 * PTO)];
  assertEquals(fresh.map((p) => p.phase), [1, 1]);
  const now = 3 * PTO;
  assert(b.receive(now, fresh[1]), "the later packet announces the change");
  assert(b.receive(now + 1, old[3]), "an old key still opens");
  assert(b.receive(now + 2, fresh[0]), "the new key opens what came late");
  assert(b.receive(now + 3 * PTO - 1, old[2]));
  assert(!b.receive(now + 3 * PTO, old[1]), "the old key is gone");
});

Deno.test("the sending key stays until the peer acknowledged it and 3 PTO passed", () => {
  const [a] = pair({ rekeyPackets: 2 });
  for (let i = 0; i < 5; i++) assertEquals(a.send(1000 * i).phase, 0);
  a.protection.onAcked(4);
  assertEquals(a.send(5000).phase, 1);
  a.protection.onAcked(4);
  for (const now of [6000, 7000, 9000]) {
    assertEquals(a.send(now).phase, 1, "an old packet confirms nothing");
  }
  a.protection.onAcked(5);
  assertEquals(a.send(5000 + 3 * PTO - 1).phase, 1);
  assertEquals(a.send(5000 + 3 * PTO).phase, 0);
});

Deno.test("a key is changed by age too", () => {
  const [a] = pair({ rekeyMs: 1000 });
  a.send(0);
  a.protection.onAcked(0);
  assertEquals(a.send(999).phase, 0);
  assertEquals(a.send(1000).phase, 1);
});

Deno.test("forged packets with either phase bit change nothing and are counted", () => {
  const packet = pair()[0].send(0);
  const forged = [0, 1].flatMap((phase) =>
    [...forgeries(packet.bytes)].map(([bytes]) =>
      ({ ...packet, phase, bytes }) as Sealed
    )
  );
  forged.push(
    { ...packet, number: 1 },
    { ...packet, header: Uint8Array.of(0x40, 9) },
    { ...packet, bytes: packet.bytes.subarray(0, 5) },
  );
  const [, b] = pair({ failures: forged.length + 1 });
  for (const one of forged) assert(!b.receive(0, one));
  assert(b.receive(0, packet));
  assertTransportError(
    "AEAD_LIMIT_REACHED",
    () => b.receive(0, forged[0]),
    `${forged.length + 1} received packets were not authentic`,
  );
});

Deno.test("a key that can never be changed is not used without end", () => {
  const [a] = pair({ rekeyPackets: 2, keyPackets: 5 });
  for (let i = 0; i < 5; i++) a.send(0);
  assertTransportError(
    "AEAD_LIMIT_REACHED",
    () => a.send(0),
    "5 packets were sealed",
  );
});

Deno.test("an AEAD this machine lacks is refused at once", () => {
  assertThrows(
    () =>
      new PacketProtection({
        aead: "aes-256-gcm",
        provider: testProvider(),
        sendKey: new Uint8Array(32),
        receiveKey: new Uint8Array(32),
      }),
    RangeError,
    "no aes-256-gcm on this machine",
  );
});

Deno.test("a protection leaves no key anywhere: of those before a change, of its next ones, of its last ones", () => {
  const memory = new RecordedMemory();
  const provider = memory.watch(testProvider());
  const keys = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
  const limits = { rekeyPackets: 1 };
  const [ours, theirs] = memory.record(() =>
    [0, 1].map((end) =>
      new PacketProtection({
        aead: "chacha20-poly1305",
        provider,
        sendKey: keys[end],
        receiveKey: keys[1 - end],
        limits,
      })
    )
  );
  const header = new Uint8Array(10);
  const sealed = new Uint8Array(5 + TAG_LENGTH);
  memory.record(() => {
    for (let i = 0; i < 5; i++) {
      theirs.maybeRekey(10_000 * i, 1);
      const phase = theirs.sendKeyPhase;
      theirs.seal(10_000 * i, i, header, new Uint8Array(5), sealed);
      theirs.onAcked(i);
      assert(ours.open(10_000 * i, phase, i, header, sealed) !== undefined);
      // A forgery makes it derive the key after this one.
      ours.open(10_000 * i, phase === 0 ? 1 : 0, i + 1, header, sealed);
    }
    ours.erase();
    theirs.erase();
  });
  assertEquals(theirs.sendKeyPhase, 0);
  assertEquals(memory.left(), []);
});

Deno.test("a protection whose keys are erased seals nothing and opens nothing", () => {
  const [ours, theirs] = [testProtection(0), testProtection(1)];
  const header = new Uint8Array(10);
  const sealed = new Uint8Array(5 + TAG_LENGTH);
  theirs.seal(0, 0, header, new Uint8Array(5), sealed);
  ours.erase();
  assertEquals(ours.open(0, 0, 0, header, sealed), undefined);
  assertThrows(() => ours.seal(0, 0, header, new Uint8Array(5), sealed));
});
