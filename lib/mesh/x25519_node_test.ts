import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { unless } from "../../tests/support/unless.ts";
import vectors from "../../tests/vectors/noise_ikpsk1.json" with {
  type: "json",
};
import { fromHex, toHex } from "../text/hex.ts";
import { dhKeyPair, pureX25519, type X25519 } from "../wire/mod.ts";
import { NoiseInitiator, NoiseResponder } from "../wire/handshake/noise.ts";
import { testProvider } from "../wire/testing/crypto.ts";
import { multipliesRightly, nodeX25519 } from "./x25519_node.ts";

/** Secret, point and product of RFC 7748 §5.2. */
const PRODUCTS = [
  [
    "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
    "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
    "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552",
  ],
  [
    "4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
    "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
    "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957",
  ],
];
/** The iterated products of RFC 7748 §5.2, after one and after a thousand. */
const ITERATED = [
  [1, "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079"],
  [1000, "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51"],
] as const;
/** Points whose multiples are few: 0, 1, two of order 8, p − 1, p and p + 1. */
const LOW_ORDER = [
  "00".repeat(32),
  "01" + "00".repeat(31),
  "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
  "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
  ...["ec", "ed", "ee"].map((low) => `${low}${"ff".repeat(30)}7f`),
];

const obstacle = multipliesRightly(nodeX25519)
  ? undefined
  : "this runtime has no X25519 that multiplies rightly";

const implementations: [string, X25519, string | undefined][] = [
  ["the runtime's", nodeX25519, obstacle],
  ["the pure", pureX25519, undefined],
];

for (const [whose, x25519, obstacle] of implementations) {
  const test = (what: string, body: () => void) =>
    Deno.test({ ...unless(obstacle, `${whose} X25519 ${what}`), fn: body });

  test("multiplies as RFC 7748 §5.2 says", () => {
    for (const [secret, point, product] of PRODUCTS) {
      assertEquals(toHex(x25519(fromHex(secret), fromHex(point))!), product);
    }
    let [secret, point] = [dhBase(), dhBase()];
    for (let i = 1; i <= 1000; i++) {
      [secret, point] = [x25519(secret, point)!, secret];
      const [, expected] = ITERATED.find(([count]) => count === i) ?? [];
      if (expected !== undefined) assertEquals(toHex(secret), expected);
    }
  });

  test("refuses points of low order", () => {
    for (const point of LOW_ORDER) {
      assertEquals(
        x25519(new Uint8Array(32).fill(7), fromHex(point)),
        undefined,
      );
    }
  });

  test("makes the messages of the public Noise vector", () => {
    const [vector] = vectors.vectors;
    const options = (side: "init" | "resp") => ({
      aead: testProvider().chacha20Poly1305,
      x25519,
      prologue: fromHex(vector[`${side}_prologue`]),
      psk: fromHex(vector[`${side}_psks`][0]),
      staticKeys: dhKeyPair(fromHex(vector[`${side}_static`]), x25519),
      ephemeralSecret: fromHex(vector[`${side}_ephemeral`]),
    });
    const key = fromHex(vector.init_remote_static);
    const initiator = new NoiseInitiator(options("init"), key);
    const responder = new NoiseResponder(options("resp"));
    const [first, second] = vector.messages;
    const message = initiator.writeMessage(fromHex(first.payload));
    assertEquals(toHex(message), first.ciphertext);
    assertEquals(toHex(responder.readMessage(message)!), first.payload);
    const answer = responder.writeMessage(fromHex(second.payload));
    assertEquals(toHex(answer), second.ciphertext);
    assertEquals(toHex(initiator.readMessage(answer)!), second.payload);
  });
}

Deno.test(
  unless(obstacle, "both X25519 agree on random keys and points"),
  () => {
    const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 });
    fc.assert(
      fc.property(bytes, bytes, (secret, point) => {
        assertEquals(nodeX25519(secret, point), pureX25519(secret, point));
      }),
      { numRuns: 50 },
    );
  },
);

Deno.test("an X25519 that is wrong, forgiving or missing is not used", () => {
  assert(multipliesRightly(pureX25519));
  const wrong: X25519[] = [
    (secret) => secret,
    () => undefined,
    () => {
      throw new Error("no such algorithm");
    },
    (secret, point) => pureX25519(secret, point) ?? new Uint8Array(32),
  ];
  for (const one of wrong) assertEquals(multipliesRightly(one), false);
});

function dhBase(): Uint8Array {
  const point = new Uint8Array(32);
  point[0] = 9;
  return point;
}
