import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  ACK_DELAY_MAX_MS,
  DATAGRAM_MAX,
  IDLE_TIMEOUT_MAX_MS,
  RECEIVE_BUFFER_MAX,
  RELAYED_DATAGRAM_MIN,
  STREAM_COUNT_MAX,
} from "../../limits.ts";
import { TEST_PARAMETERS } from "../testing/connection_options.ts";
import { assertTransportError } from "../testing/assert_transport_error.ts";
import {
  decodeTransportParameters,
  encodeTransportParameters,
  type HandshakeParameters,
} from "./transport_parameters.ts";

const connectionIds = Uint8Array.from({ length: 16 }, (_, i) => i);
const fromInitiator: HandshakeParameters = {
  transport: TEST_PARAMETERS,
  connectionIds,
  aeads: ["chacha20-poly1305", "aes-256-gcm"],
  versions: [2, 1],
};
const fromResponder: HandshakeParameters = {
  transport: TEST_PARAMETERS,
  connectionIds,
  selectedAead: "aes-256-gcm",
  statelessResetToken: new Uint8Array(16).fill(9),
};

function refused(
  bytes: Uint8Array,
  message = "",
  from: "initiator" | "responder" = "initiator",
): void {
  assertTransportError(
    "TRANSPORT_PARAMETER_ERROR",
    () => decodeTransportParameters(bytes, from),
    message,
  );
}

/** The encoded parameters of an initiator, as [id, value] pairs. */
function fieldsOf(parameters: HandshakeParameters): [number, number[]][] {
  const bytes = encodeTransportParameters(parameters);
  const found: [number, number[]][] = [];
  for (let at = 0; at < bytes.length; at += 2 + bytes[at + 1]) {
    const value = bytes.subarray(at + 2, at + 2 + bytes[at + 1]);
    found.push([bytes[at], [...value]]);
  }
  return found;
}

function join(list: readonly [number, number[]][]): Uint8Array {
  return Uint8Array.from(
    list.flatMap(([id, value]) => [id, value.length, ...value]),
  );
}

Deno.test("parameters of both sides survive encoding and decoding", () => {
  const sides = { initiator: fromInitiator, responder: fromResponder };
  for (const from of ["initiator", "responder"] as const) {
    const bytes = encodeTransportParameters(sides[from]);
    assertEquals(decodeTransportParameters(bytes, from), sides[from]);
  }
});

Deno.test("any parameters within bounds survive", () => {
  fc.assert(fc.property(
    fc.record({
      maxIdleTimeoutMs: fc.integer({ min: 1, max: IDLE_TIMEOUT_MAX_MS }),
      initialMaxData: fc.maxSafeNat(),
      initialMaxStreamData: fc.maxSafeNat(),
      initialMaxStreamsBidi: fc.maxSafeInteger().map(
        (n) => Math.abs(n) % STREAM_COUNT_MAX,
      ),
      maxAckDelayMs: fc.nat({ max: ACK_DELAY_MAX_MS }),
      maxDatagramSize: fc.integer({
        min: RELAYED_DATAGRAM_MIN,
        max: DATAGRAM_MAX,
      }),
      receiveBufferBytes: fc.integer({
        min: RELAYED_DATAGRAM_MIN,
        max: RECEIVE_BUFFER_MAX,
      }),
    }),
    (transport) => {
      const bytes = encodeTransportParameters({ ...fromInitiator, transport });
      const decoded = decodeTransportParameters(bytes, "initiator");
      assertEquals(decoded.transport, transport);
    },
  ));
});

Deno.test("unknown parameters and unknown AEADs are skipped", () => {
  const list = fieldsOf(fromInitiator).map(([id, value]): [number, number[]] =>
    id === 0x21 ? [id, [200, ...value]] : [id, value]
  );
  const bytes = join([[0x3f, [1, 2, 3]], ...list, [0x3e, []]]);
  assertEquals(decodeTransportParameters(bytes, "initiator"), fromInitiator);
});

Deno.test("a repeated parameter is refused, known or not", () => {
  const list = fieldsOf(fromInitiator);
  refused(join([...list, list[0]]), "given twice");
  refused(join([...list, [0x3f, []], [0x3f, [1]]]), "given twice");
});

Deno.test("a missing parameter is refused by name", () => {
  const list = fieldsOf(fromInitiator);
  const without = (id: number): Uint8Array =>
    join(list.filter(([other]) => other !== id));
  refused(without(0x01), "maxIdleTimeoutMs is missing");
  refused(without(0x20), "receiveBufferBytes is missing");
  refused(without(0x0f), "connectionIds is not 16 bytes");
});

Deno.test("a value out of bounds is refused", () => {
  const list = fieldsOf(fromInitiator);
  const replace = (id: number, value: number[]) =>
    join(list.map(([other, old]) => [other, other === id ? value : old]));
  const cases: [id: number, value: number[], message: string][] = [
    [0x01, [0], "maxIdleTimeoutMs is 0"],
    [0x01, [0x80, 0x09, 0x27, 0xc1], "maxIdleTimeoutMs is 600001"],
    [0x03, [0x44, 0x4b], "maxDatagramSize is 1099"],
    [0x03, [0x80, 0, 0xff, 0xe4], "maxDatagramSize is 65508"],
    [0x0b, [0x80, 0, 0x40, 1], "maxAckDelayMs is 16385"],
    [
      0x08,
      [0xc4, 0, 0, 0, 0, 0, 0, 1],
      "initialMaxStreamsBidi is not a number",
    ],
    [0x04, [5, 5], "initialMaxData is not a number"],
    [0x04, [], "initialMaxData is not a number"],
    [0x23, [], "a list of 0 versions"],
    [0x23, new Array(17).fill(1), "a list of 17 versions"],
  ];
  for (const [id, value, message] of cases) {
    refused(replace(id, value), message);
  }
});

Deno.test("a side may not send what is the other's to say", () => {
  refused(encodeTransportParameters(fromResponder), "the initiator may not");
  const list = fieldsOf(fromResponder).filter(([id]) => id !== 0x22);
  const statelessResetToken = new Uint8Array(15);
  const cases: [bytes: Uint8Array, message: string][] = [
    [encodeTransportParameters(fromInitiator), "the responder may not"],
    [join(list), "selectedAead is not 1 bytes"],
    [
      encodeTransportParameters({ ...fromResponder, statelessResetToken }),
      "statelessResetToken is not 16 bytes",
    ],
  ];
  for (const [bytes, message] of cases) refused(bytes, message, "responder");
});

Deno.test("what a peer would refuse is never announced", () => {
  const transport = { ...TEST_PARAMETERS, maxDatagramSize: 70_000 };
  assertThrows(
    () => encodeTransportParameters({ ...fromInitiator, transport }),
    RangeError,
    "Cannot announce maxDatagramSize 70000",
  );
});

Deno.test("a responder that resets nothing announces no token", () => {
  const { statelessResetToken: _, ...without } = fromResponder;
  const bytes = encodeTransportParameters(without);
  assertEquals(decodeTransportParameters(bytes, "responder"), without);
});

Deno.test("arbitrary or cut bytes are refused with the code of parameters, never otherwise", () => {
  const whole = encodeTransportParameters(fromResponder);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => refused(bytes)),
  );
  // The last is the one that need not be there.
  const tokenAt = whole.length - 2 - 16;
  for (let end = 0; end < whole.length; end++) {
    if (end !== tokenAt) refused(whole.subarray(0, end), "", "responder");
  }
});

Deno.test("a wish for congestion control is told, and one that is not known here passes for none", () => {
  for (const congestion of ["bbr", "cubic"] as const) {
    const transport = { ...TEST_PARAMETERS, congestion };
    const bytes = encodeTransportParameters({ ...fromInitiator, transport });
    assertEquals(
      decodeTransportParameters(bytes, "initiator").transport,
      transport,
    );
  }
  const fields = fieldsOf(fromInitiator);
  for (const unknown of [[], [0], [99]]) {
    const bytes = join([...fields, [0x24, unknown]]);
    assertEquals(
      decodeTransportParameters(bytes, "initiator").transport,
      TEST_PARAMETERS,
    );
  }
});
