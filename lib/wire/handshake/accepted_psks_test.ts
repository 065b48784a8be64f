import { assertEquals } from "@std/assert";
import { concat } from "@std/bytes/concat";
import type { AcceptedPsk } from "./accepted_psks.ts";
import { KeyedBlake2s } from "./blake2s.ts";
import {
  handshakePair,
  makeBusy,
  only,
  TEST_ADDRESS as FROM,
  testAcceptor,
  testInitiator,
} from "../testing/handshake_pair.ts";
import { testProvider } from "../testing/crypto.ts";
import { RecordedMemory } from "../testing/recorded_memory.ts";

const PSKS: readonly AcceptedPsk[] = ["ann", "ben", "cem"].map((name, i) => ({
  name,
  secret: new Uint8Array(32).fill(i + 1),
}));
const [ANN, BEN, CEM] = PSKS;

const clients = testProvider({ seed: 1 });

/** The Initial of somebody with a pre-shared key, like no other. */
function initialWith({ secret: psk }: AcceptedPsk): Uint8Array {
  return testInitiator({ psk, provider: clients }).packet();
}

Deno.test("a responder takes each of its pre-shared keys, and tells which it was", () => {
  for (const psk of PSKS) {
    const acceptor = testAcceptor({}, { psks: PSKS });
    const initiator = testInitiator({ psk: psk.secret });
    const accepted = acceptor.onInitial(0, initiator.packet(), FROM);
    const { packet, established } = only(accepted, "accepted");
    assertEquals(established.psk, psk);
    const result = only(initiator.receive(packet), "established");
    assertEquals(result.established.psk, undefined);
    assertEquals(result.established.sendKey, established.receiveKey);
  }
});

Deno.test("a key that is taken away meets silence at once, one that is added is taken at once", () => {
  const acceptor = testAcceptor({}, { psks: [ANN, BEN] });
  const initial = initialWith(BEN);
  only(acceptor.onInitial(0, initial, FROM), "accepted");
  acceptor.removePsk(BEN);
  // Not even the answer to what was accepted before is repeated.
  const silence = { kind: "drop", reason: "mac1 is wrong" } as const;
  assertEquals(acceptor.onInitial(0, initial, FROM), silence);
  assertEquals(acceptor.onInitial(0, initialWith(CEM), FROM), silence);
  acceptor.addPsk(CEM);
  const { established } = only(
    acceptor.onInitial(0, initialWith(CEM), FROM),
    "accepted",
  );
  assertEquals(established.psk, CEM);
  only(acceptor.onInitial(0, initialWith(ANN), FROM), "accepted");
});

Deno.test("a responder without any key says nothing", () => {
  const acceptor = testAcceptor({}, { psks: [] });
  only(acceptor.onInitial(0, initialWith(ANN), FROM), "drop");
});

Deno.test("a cookie and a version list reach the owner of any key", () => {
  for (const { secret: psk } of PSKS) {
    const acceptor = testAcceptor({}, { psks: PSKS });
    const other = testInitiator({ psk, versions: [9, 1] });
    const list = only(acceptor.onInitial(0, other.packet(), FROM), "reply");
    assertEquals(other.receive(list.packet), { kind: "retry" });

    const busy = testAcceptor({}, {
      psks: [...PSKS, { name: "test", secret: new Uint8Array(32).fill(0x33) }],
    });
    makeBusy(busy);
    const initiator = testInitiator({ psk });
    const cookie = only(busy.onInitial(0, initiator.packet(), FROM), "reply");
    assertEquals(initiator.receive(cookie.packet), { kind: "retry" });
    only(busy.onInitial(0, initiator.packet(), FROM), "accepted");
  }
});

Deno.test("an Initial costs the same whichever key it was made with, and one MAC for each if none", () => {
  const { of } = KeyedBlake2s.prototype;
  let tries = 0;
  KeyedBlake2s.prototype.of = function (text) {
    tries++;
    return of.call(this, text);
  };
  try {
    const stranger = { name: "dan", secret: new Uint8Array(32).fill(9) };
    for (const psk of [...PSKS, stranger]) {
      const acceptor = testAcceptor({}, {
        psks: PSKS,
        allow: () => false,
        resetPort: undefined,
      });
      const initial = initialWith(psk);
      tries = 0;
      only(acceptor.onInitial(0, initial, FROM), "drop");
      assertEquals(tries, PSKS.length, psk.name);
    }
  } finally {
    KeyedBlake2s.prototype.of = of;
  }
});

Deno.test("a responder keeps nothing of a key that was taken away", () => {
  const memory = new RecordedMemory();
  const acceptor = memory.record(() => testAcceptor({}, { psks: [ANN] }));
  const kept = memory.left();
  memory.record(() => acceptor.addPsk(BEN));
  memory.record(() => acceptor.removePsk(BEN));
  assertEquals(memory.left(), kept);
});

Deno.test("who has one key cannot be taken for the owner of another", () => {
  const acceptor = testAcceptor({}, { psks: PSKS });
  const [ours, theirs] = [ANN, BEN].map(initialWith);
  // What Ann's key makes of the packet, with the MAC of Ben's packet, and so on.
  const spliced = [
    concat([ours.subarray(0, -32), theirs.subarray(-32)]),
    concat([theirs.subarray(0, -32), ours.subarray(-32)]),
  ];
  for (const initial of spliced) {
    only(acceptor.onInitial(0, initial, FROM), "drop");
  }
  const { initiator } = handshakePair({ psk: ANN.secret });
  const accepted = acceptor.onInitial(0, initiator.packet(), FROM);
  assertEquals(only(accepted, "accepted").established.psk, ANN);
});
