/** Where the frames of a connection's packets go. */

import type { ConnectionHandler } from "./connection_options.ts";
import type { EmptyPackets } from "./empty_packets.ts";
import type { IdleTimer } from "./idle_timer.ts";
import type { DirectPath } from "./direct_path.ts";
import type { CloseFrame, FrameHandler } from "./packet/frame.ts";
import type { ReceivedPacket } from "./packet/packet_reader.ts";
import type { PacketSender } from "./packet_sender.ts";
import type { PathValidation } from "./path_validation.ts";
import type { AckPolicy } from "./recovery/ack_policy.ts";
import type { SendRate } from "./send_rate.ts";
import type { Streams } from "./streams/streams.ts";

/** What frames concern. */
export interface FrameReceivers {
  readonly streams: Streams;
  readonly sender: PacketSender;
  readonly acks: AckPolicy;
  readonly path: PathValidation;
  readonly idle: IdleTimer;
  readonly rate: SendRate;
  readonly empty: EmptyPackets;
  readonly relay: ConnectionHandler["onRelay"];
  readonly direct: DirectPath | undefined;
  readonly observed: ConnectionHandler["onObserved"];
  /** The peer has closed. */
  readonly onClose: (frame: CloseFrame) => void;
}

/** The handler of all frames of one connection. */
export function frameRoutes(
  {
    streams,
    sender,
    acks,
    path,
    idle,
    rate,
    empty,
    relay,
    direct,
    observed,
    onClose,
  }: FrameReceivers,
): FrameHandler<ReceivedPacket> {
  return {
    onAck: (frame, packet) => {
      if (sender.onAck(frame, packet)) empty.onUseful();
    },
    onResetStream: (id, code, size) => streams.onReset(id, code, size),
    onStopSending: (id, code) => streams.onStopSending(id, code),
    // Data that fills little of its packet is copied: a view would keep the
    // whole packet in memory.
    onStream: (id, offset, data, fin, { payload }) => {
      idle.onData();
      const owned = data.length * 2 >= payload.length;
      streams.onStream(id, offset, data, fin, owned);
    },
    onMaxData: (limit) => streams.onMaxData(limit),
    onMaxStreamData: (id, limit) => streams.onMaxStreamData(id, limit),
    onMaxStreams: (limit) => streams.onMaxStreams(limit),
    onMaxRate: (limit, { now }) => rate.setWish(limit, now),
    onAckFrequency: (packets, delayMs, { number }) =>
      acks.onFrequency(packets, delayMs, number),
    onPathChallenge: (data, packet) => path.onChallenge(data, packet),
    onPathResponse: (data, { now }) => {
      const change = path.onResponse(now, data);
      if (change !== undefined) sender.onPathChange(change);
    },
    onClose,
    onRelay: (nodeId, data) => {
      if (relay(nodeId, data)) empty.onUseful();
    },
    onAddresses: (frame, { now }) => direct?.onAddresses(now, frame),
    onObserved: (address) => observed?.(address),
  };
}
