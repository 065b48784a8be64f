import { assertEquals, assertThrows } from "@std/assert";
import { PostcardWriter } from "../../content/mod.ts";
import { PROBE_BYTES_MAX } from "../../limits.ts";
import {
  decodePathFigures,
  decodePathProbe,
  decodeSeenAddress,
  encodePathFigures,
  encodePathProbe,
  encodeSeenAddress,
  type PathFigures,
  type PathProbe,
} from "./path_probe.ts";
import { ProtocolError } from "../../errors.ts";

const FIGURES: PathFigures = {
  rttMs: 41.25,
  minRttMs: 40,
  rttVariationMs: 0.5,
  packetsSent: 1000,
  packetsLost: 12,
  packetsLate: 2,
  packetsReceived: 400,
  packetsMissing: 3,
  bytesSent: 1_400_000,
  bytesRetransmitted: 17_000,
  bytesReceived: 30_000,
  datagramSize: 1472,
  congestion: "cubic",
  limitedMs: {
    application: 10,
    flowControl: 20,
    path: 970,
    buffer: 6,
    rate: 5,
  },
};

Deno.test("probes of a path are read as they were written", () => {
  const probes: PathProbe[] = [
    { kind: "download", bytes: 0 },
    { kind: "download", bytes: PROBE_BYTES_MAX },
    { kind: "upload", bytes: Uint8Array.of(1, 2, 3) },
    { kind: "look" },
    { kind: "address" },
  ];
  for (const probe of probes) {
    assertEquals(decodePathProbe(encodePathProbe(probe)), probe);
  }
});

Deno.test("a probe for too much, of an unknown kind, cut or with more behind it is refused", () => {
  const look = encodePathProbe({ kind: "look" });
  const bad = [
    encodePathProbe({ kind: "download", bytes: PROBE_BYTES_MAX + 1 }),
    Uint8Array.of(4),
    new Uint8Array(0),
    encodePathProbe({ kind: "upload", bytes: new Uint8Array(9) }).subarray(
      0,
      5,
    ),
    Uint8Array.of(...look, 0),
  ];
  for (const bytes of bad) {
    assertThrows(() => decodePathProbe(bytes), ProtocolError);
  }
});

Deno.test("an address is read as it was written, and a long text is none", () => {
  const address = "[2001:db8::1]:7700";
  assertEquals(decodeSeenAddress(encodeSeenAddress(address)), address);
  const long = encodeSeenAddress("x".repeat(257));
  assertThrows(() => decodeSeenAddress(long), ProtocolError);
});

Deno.test("figures of a path are read as they were written", () => {
  assertEquals(decodePathFigures(encodePathFigures(FIGURES)), FIGURES);
  const untold = { ...FIGURES, minRttMs: Infinity };
  const { minRttMs } = decodePathFigures(encodePathFigures(untold));
  assertEquals(minRttMs, 0);
});

/** Figures with other values at their end. */
function changed(change: (values: bigint[]) => bigint[]): Uint8Array {
  const values = [...encodePathFigures(FIGURES)].length;
  const writer = new PostcardWriter(values);
  const numbers = change([
    ...[41_250, 40_000, 500, 1000, 12, 2, 400, 3, 1_400_000, 17_000, 30_000],
    ...[1472, 1, 10, 20, 970, 5, 6],
  ].map(BigInt));
  writer.u32(numbers.length);
  for (const number of numbers) writer.u64(number);
  return writer.finish();
}

Deno.test("what a later version tells beyond the figures is not minded", () => {
  const more = changed((values) => [...values, 7n, 2n ** 64n - 1n]);
  assertEquals(decodePathFigures(more), FIGURES);
});

Deno.test("too few figures, far too many, and an unknown control are refused", () => {
  const bad = [
    changed((values) => values.slice(1)),
    changed((values) => [...values, ...Array<bigint>(300).fill(0n)]),
    changed((values) => values.with(12, 0n)),
    changed((values) => values.with(12, 9n)),
    encodePathFigures(FIGURES).subarray(0, 20),
  ];
  for (const bytes of bad) {
    assertThrows(() => decodePathFigures(bytes), ProtocolError);
  }
});
