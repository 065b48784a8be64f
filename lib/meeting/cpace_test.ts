/** CPace against the vectors of draft-irtf-cfrg-cpace (Appendix B.1), and what it is for. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import vectors from "../../tests/vectors/cpace_x25519_sha512.json" with {
  type: "json",
};
import { ProtocolError } from "../errors.ts";
import { fromHex, toHex } from "../text/hex.ts";
import {
  calculateGenerator,
  CpaceExchange,
  type CpaceInputs,
  generatorString,
  lengthValues,
  scalarMultiply,
  sessionKey,
} from "./cpace.ts";

const text = (value: string) => new TextEncoder().encode(value);

const { inputs, generator, messages, low_order: lowOrder } = vectors;
const INPUTS: CpaceInputs = {
  secret: fromHex(inputs.prs),
  channel: fromHex(inputs.ci),
  sessionId: fromHex(inputs.sid),
};
const A = {
  share: fromHex(messages.ya_share),
  data: fromHex(messages.ada),
};
const B = {
  share: fromHex(messages.yb_share),
  data: fromHex(messages.adb),
};

function exchange(
  role: "initiator" | "responder",
  inputs: Partial<CpaceInputs> = {},
  scalar: string = role === "initiator" ? messages.ya : messages.yb,
): CpaceExchange {
  const { data } = role === "initiator" ? A : B;
  return new CpaceExchange(
    role,
    { ...INPUTS, ...inputs },
    fromHex(scalar),
    data,
  );
}

Deno.test("lengths go before their values as the draft says", () => {
  const counted = (length: number) => Uint8Array.from({ length }, (_, i) => i);
  assertEquals(toHex(lengthValues(new Uint8Array())), "00");
  assertEquals(toHex(lengthValues(text("1234"))), "0431323334");
  assertEquals(toHex(lengthValues(counted(127)).subarray(0, 3)), "7f0001");
  assertEquals(toHex(lengthValues(counted(128)).subarray(0, 4)), "80010001");
  assertEquals(
    toHex(
      lengthValues(text("1234"), text("5"), new Uint8Array(), text("678")),
    ),
    "043132333401350003363738",
  );
});

Deno.test("the generator is the one of the draft's vector", () => {
  assertEquals(toHex(generatorString(INPUTS)), generator.string);
  assertEquals(toHex(calculateGenerator(INPUTS)), generator.point);
});

Deno.test("shares, product and session key are those of the draft's vector", () => {
  using a = exchange("initiator");
  using b = exchange("responder");
  assertEquals(toHex(a.message.share), messages.ya_share);
  assertEquals(toHex(b.message.share), messages.yb_share);
  const products = [
    scalarMultiply(fromHex(messages.ya), B.share),
    scalarMultiply(fromHex(messages.yb), A.share),
  ];
  assertEquals(products.map((one) => toHex(one!)), [messages.k, messages.k]);
  const isk = sessionKey(INPUTS.sessionId, fromHex(messages.k), A, B);
  assertEquals(toHex(isk), messages.isk_ir);
});

Deno.test("products with points of the draft's table are what it says, or refused", () => {
  const scalar = fromHex(lowOrder.scalar);
  assertEquals(lowOrder.points.length, 12);
  for (const { u, q } of lowOrder.points) {
    const product = scalarMultiply(scalar, fromHex(u));
    assertEquals(
      product === undefined ? "00".repeat(32) : toHex(product),
      q,
      u,
    );
  }
});

Deno.test("a share of low order, or of another length, ends the exchange at both ends", () => {
  const low = lowOrder.points.filter(({ q }) => /^0+$/.test(q));
  assertEquals(low.length, 7);
  const shares = [
    ...low.map(({ u }) => u),
    "",
    "01".repeat(31),
    "01".repeat(33),
  ];
  for (const role of ["initiator", "responder"] as const) {
    for (const share of shares) {
      assertThrows(
        () => exchange(role).finish({ share: fromHex(share), data: A.data }),
        ProtocolError,
        "the peer sent a point",
      );
    }
  }
});

Deno.test("two ends with the same secret confirm to each other, and have one key", () => {
  using a = exchange("initiator").finish(B);
  using b = exchange("responder").finish(A);
  assert(a.confirms(b.tag));
  assert(b.confirms(a.tag));
  assertEquals(a.sealKey, b.sealKey);
  assert(!a.confirms(a.tag), "its own tag sent back is none");
  assert(!a.confirms(b.tag.subarray(1)));
  assert(!a.confirms(new Uint8Array()));
});

Deno.test("whoever has another secret, channel, exchange, role or data confirms nothing", () => {
  const others: Record<string, CpaceExchange> = {
    secret: exchange("responder", { secret: text("password") }),
    channel: exchange("responder", { channel: text("somebody else") }),
    exchange: exchange("responder", { sessionId: new Uint8Array(32) }),
    role: exchange("initiator", {}, messages.yb),
    data: new CpaceExchange(
      "responder",
      INPUTS,
      fromHex(messages.yb),
      text("other"),
    ),
  };
  for (const [name, other] of Object.entries(others)) {
    const { message } = other;
    using keys = exchange("initiator").finish({ ...message, data: B.data });
    using theirs = other.finish(A);
    assert(!keys.confirms(theirs.tag), name);
    assert(!theirs.confirms(keys.tag), name);
    assert(toHex(keys.sealKey) !== toHex(theirs.sealKey), name);
  }
});

Deno.test("secrets are overwritten when they are of no more use", () => {
  const scalar = fromHex(messages.ya);
  const first = new CpaceExchange("initiator", INPUTS, scalar, A.data);
  const keys = first.finish(B);
  assertEquals(scalar, new Uint8Array(32));
  assertThrows(() => first.finish(B), RangeError, "over");
  const { tag, sealKey } = keys;
  keys[Symbol.dispose]();
  assertEquals([...tag, ...sealKey].every((byte) => byte === 0), true);
  const unused = fromHex(messages.yb);
  new CpaceExchange("responder", INPUTS, unused, B.data)[Symbol.dispose]();
  assertEquals(unused, new Uint8Array(32));
});
