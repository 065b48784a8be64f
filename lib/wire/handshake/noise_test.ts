import { assertEquals, assertThrows } from "@std/assert";
import { decodeHex, encodeHex } from "@std/encoding/hex";
import vectors from "../../../tests/vectors/noise_ikpsk1.json" with {
  type: "json",
};
import { TAG_LENGTH } from "../packet/aead.ts";
import {
  dhKeyPair,
  NoiseInitiator,
  type NoiseOptions,
  NoiseResponder,
} from "./noise.ts";
import { SymmetricState } from "./noise_symmetric_state.ts";
import { forgeries } from "../testing/bytes.ts";
import { testProvider } from "../testing/crypto.ts";

const vector = vectors.vectors[0];
const { chacha20Poly1305, x25519 } = testProvider();
const payloadOf = (i: number): Uint8Array =>
  decodeHex(vector.messages[i].payload);

function options(side: "init" | "resp"): NoiseOptions {
  return {
    aead: chacha20Poly1305,
    x25519,
    prologue: decodeHex(vector[`${side}_prologue`]),
    psk: decodeHex(vector[`${side}_psks`][0]),
    staticKeys: dhKeyPair(decodeHex(vector[`${side}_static`])),
    ephemeralSecret: decodeHex(vector[`${side}_ephemeral`]),
  };
}

function pair(): { initiator: NoiseInitiator; responder: NoiseResponder } {
  const responderKey = decodeHex(vector.init_remote_static);
  return {
    initiator: new NoiseInitiator(options("init"), responderKey),
    responder: new NoiseResponder(options("resp")),
  };
}

Deno.test("IKpsk1 writes and reads every message of the public vector", () => {
  const { initiator, responder } = pair();
  const first = initiator.writeMessage(payloadOf(0));
  assertEquals(encodeHex(first), vector.messages[0].ciphertext);
  assertEquals(responder.readMessage(first), payloadOf(0));
  assertEquals(responder.remoteStatic, options("init").staticKeys.public);
  const second = responder.writeMessage(payloadOf(1));
  assertEquals(encodeHex(second), vector.messages[1].ciphertext);
  assertEquals(initiator.readMessage(second), payloadOf(1));
  assertEquals(encodeHex(initiator.handshakeHash), vector.handshake_hash);
  assertEquals(encodeHex(responder.handshakeHash), vector.handshake_hash);

  const here = initiator.split();
  const there = responder.split();
  assertEquals(here.send, there.receive);
  assertEquals(here.receive, there.send);
  for (let i = 2; i < vector.messages.length; i++) {
    const key = i % 2 === 0 ? here.send : there.send;
    const counter = Math.floor((i - 2) / 2);
    const payload = payloadOf(i);
    const sealed = new Uint8Array(payload.length + TAG_LENGTH);
    const aead = chacha20Poly1305(key);
    aead.seal(counter, new Uint8Array(0), payload, sealed);
    assertEquals(encodeHex(sealed), vector.messages[i].ciphertext);
    assertEquals(aead.open(counter, new Uint8Array(0), sealed), payload);
  }
});

Deno.test("a responder refuses message 1 changed, cut, for another PSK or prologue", () => {
  const message = pair().initiator.writeMessage(payloadOf(0));
  const cut = message.subarray(0, 95);
  for (const [forged] of [...forgeries(message, 7), [cut]]) {
    assertEquals(pair().responder.readMessage(forged), undefined);
  }
  const changes = [{ psk: new Uint8Array(32) }, { prologue: Uint8Array.of(1) }];
  for (const change of changes) {
    const other = new NoiseResponder({ ...options("resp"), ...change });
    assertEquals(other.readMessage(message), undefined);
  }
});

Deno.test("an initiator still reads the true message 2 after forged ones", () => {
  const { initiator, responder } = pair();
  responder.readMessage(initiator.writeMessage(payloadOf(0)));
  const message = responder.writeMessage(payloadOf(1));
  for (const [forged] of forgeries(message, 7)) {
    assertEquals(initiator.readMessage(forged), undefined);
  }
  assertEquals(initiator.readMessage(message), payloadOf(1));
});

Deno.test("low-order public keys are refused on both sides", () => {
  for (const first of [0, 1]) {
    const point = new Uint8Array(32);
    point[0] = first;
    const lost = new NoiseInitiator(options("init"), point);
    assertThrows(
      () => lost.writeMessage(payloadOf(0)),
      RangeError,
      "not a usable X25519 key",
    );
    const { initiator, responder } = pair();
    const message = initiator.writeMessage(payloadOf(0));
    responder.readMessage(message);
    message.set(point);
    assertEquals(pair().responder.readMessage(message), undefined);
    const reply = responder.writeMessage(payloadOf(1));
    reply.set(point);
    assertEquals(initiator.readMessage(reply), undefined);
  }
});

Deno.test("a key of the wrong length never starts a handshake", () => {
  assertThrows(
    () => new NoiseResponder({ ...options("resp"), psk: new Uint8Array(31) }),
    RangeError,
    "the pre-shared key has 31 bytes, not 32",
  );
});

Deno.test("nothing is sealed or opened before a key was mixed in", () => {
  const bare = new SymmetricState(chacha20Poly1305, new Uint8Array());
  assertThrows(() => bare.encryptAndHash(payloadOf(0)), Error, "no key");
  assertThrows(() => bare.decryptAndHash(payloadOf(0)), Error, "no key");
});
