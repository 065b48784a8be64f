import type { ConnectionStats } from "./connection_options.ts";
import type { PacketReader } from "./packet/packet_reader.ts";
import type { PacketSender } from "./packet_sender.ts";
import type { Streams } from "./streams/streams.ts";

/** Gathers the figures of a path from those who count them. */
export function connectionStats(
  { received, largest, bytes }: PacketReader,
  { recovery, packetsSent, bytesSent, limits }: PacketSender,
  streams: Streams,
): ConnectionStats {
  return {
    rttMs: recovery.rtt.smoothed,
    minRttMs: recovery.rtt.min,
    rttVariationMs: recovery.rtt.variance,
    congestionWindow: recovery.congestionWindow,
    bytesInFlight: recovery.bytesInFlight,
    datagramSize: recovery.datagramSize,
    packetsSent,
    packetsLost: recovery.packetsLost,
    packetsLate: recovery.packetsLate,
    bytesSent,
    bytesRetransmitted: streams.bytesRetransmitted,
    packetsReceived: received,
    packetsMissing: largest + 1 - received,
    bytesReceived: bytes,
    congestion: recovery.congestion,
    limitedMs: limits.ms,
  };
}
