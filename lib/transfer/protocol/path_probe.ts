/**
 * The messages of the procedure {@linkcode PATH_PROBE}; their bytes are listed
 * in `tags.ts`.
 */

import { PostcardWriter } from "../../content/mod.ts";
import { PROBE_BYTES_MAX } from "../../limits.ts";
import type { CongestionAlgorithm, SessionStats } from "../../mesh/mod.ts";
import { decodeWhole } from "./decode_whole.ts";
import { ProbeTag } from "./tags.ts";
import { ProtocolError } from "../../errors.ts";

/** Name of the procedure. */
export const PATH_PROBE = "path.probe";

/** One probe of the path of a session. */
export type PathProbe =
  /** Asks for bytes that mean nothing. */
  | { readonly kind: "download"; readonly bytes: number }
  /** Brings some. */
  | { readonly kind: "upload"; readonly bytes: Uint8Array }
  /** Asks for the holder's figures of the session. */
  | { readonly kind: "look" }
  /** Asks under which address the holder sees its peer. */
  | { readonly kind: "address" };

/** The figures of a session as one end tells them to the other. */
export type PathFigures = Omit<
  SessionStats,
  "congestionWindow" | "bytesInFlight"
>;

/** The congestion controls by their numbers, as in the handshake. */
const CONTROLS: readonly (CongestionAlgorithm | undefined)[] = [
  undefined,
  "cubic",
  "bbr",
];
/** Figures that are told; a later version may tell more. */
const FIGURES = 18;
/** Most that are read. */
const FIGURES_MAX = 256;

/** Encodes the body of a probe. */
export function encodePathProbe(probe: PathProbe): Uint8Array {
  const writer = new PostcardWriter();
  writer.u8(ProbeTag[probe.kind]);
  if (probe.kind === "download") writer.u64(probe.bytes);
  if (probe.kind === "upload") writer.byteVec(probe.bytes);
  return writer.finish();
}

/** Decodes the body of a probe; the bytes of an upload are a view into it. */
export function decodePathProbe(body: Uint8Array): PathProbe {
  return decodeWhole(body, "probe of the path", (reader): PathProbe => {
    const tag = reader.u8();
    switch (tag) {
      case ProbeTag.download: {
        const bytes = reader.u64();
        if (bytes > BigInt(PROBE_BYTES_MAX)) {
          throw new ProtocolError(
            `a probe cannot ask for ${bytes} bytes: the limit is ${PROBE_BYTES_MAX}`,
          );
        }
        return { kind: "download", bytes: Number(bytes) };
      }
      case ProbeTag.upload:
        return { kind: "upload", bytes: reader.byteVec() };
      case ProbeTag.look:
        return { kind: "look" };
      case ProbeTag.address:
        return { kind: "address" };
      default:
        throw new ProtocolError(`there is no probe ${tag}`);
    }
  });
}

/** Longest address that is read, in characters. */
const ADDRESS_MAX = 256;

/** Encodes the address under which the holder sees its peer. */
export function encodeSeenAddress(address: string): Uint8Array {
  const writer = new PostcardWriter();
  writer.string(address);
  return writer.finish();
}

/**
 * Decodes the address under which the holder sees its peer.
 *
 * @throws {ProtocolError} When this is no address.
 */
export function decodeSeenAddress(bytes: Uint8Array): string {
  const text = decodeWhole(bytes, "address", (reader) => reader.string());
  if (text.length <= ADDRESS_MAX) return text;
  throw new ProtocolError(`${text.length} characters are no address`);
}

/** Encodes what the holder tells of a session. */
export function encodePathFigures(figures: PathFigures): Uint8Array {
  const micros = (ms: number) => Number.isFinite(ms) ? ms * 1000 : 0;
  const { limitedMs } = figures;
  const values = [
    micros(figures.rttMs),
    micros(figures.minRttMs),
    micros(figures.rttVariationMs),
    figures.packetsSent,
    figures.packetsLost,
    figures.packetsLate,
    figures.packetsReceived,
    figures.packetsMissing,
    figures.bytesSent,
    figures.bytesRetransmitted,
    figures.bytesReceived,
    figures.datagramSize,
    CONTROLS.indexOf(figures.congestion),
    limitedMs.application,
    limitedMs.flowControl,
    limitedMs.path,
    limitedMs.rate,
    limitedMs.buffer,
  ];
  const writer = new PostcardWriter();
  writer.u32(values.length);
  for (const value of values) writer.u64(Math.round(value));
  return writer.finish();
}

/**
 * Decodes what the holder tells of a session.
 *
 * @throws {ProtocolError} When these are not such figures.
 */
export function decodePathFigures(bytes: Uint8Array): PathFigures {
  const what = "figures of the path";
  const values = decodeWhole(bytes, what, (reader) => {
    const length = reader.length();
    if (length < FIGURES || length > FIGURES_MAX) {
      throw new ProtocolError(`${length} figures of a path are no answer`);
    }
    // Only differences and shares of them are shown: they need not be exact.
    return Array.from({ length }, () => Number(reader.u64()));
  });
  const [rtt, minRtt, variation, sent, lost, late, received, missing] = values;
  const [bytesSent, bytesRetransmitted, bytesReceived] = values.slice(8);
  const [datagramSize, control, ...limits] = values
    .slice(11);
  const [application, flowControl, path, rate, buffer] = limits;
  const congestion = CONTROLS[control];
  if (congestion === undefined) {
    throw new ProtocolError(`there is no congestion control ${control}`);
  }
  return {
    rttMs: rtt / 1000,
    minRttMs: minRtt / 1000,
    rttVariationMs: variation / 1000,
    packetsSent: sent,
    packetsLost: lost,
    packetsLate: late,
    packetsReceived: received,
    packetsMissing: missing,
    bytesSent,
    bytesRetransmitted,
    bytesReceived,
    datagramSize,
    congestion,
    limitedMs: { application, flowControl, path, buffer, rate },
  };
}
