/**
 * What goes out of a connection and what becomes of it: chooses the frames of
 * each packet, keeps to congestion control and pacing, and sends again what
 * was lost.
 */

import { TAG_LENGTH } from "./packet/aead.ts";
import { SENT_SPAN_MAX } from "../limits.ts";
import type { AckFrame } from "./packet/ack_ranges.ts";
import {
  type CloseFrame,
  RELAY_OVERHEAD_MAX,
  writeAck,
  writeClose,
} from "./packet/frame.ts";
import { FrameType } from "./packet/frame_type.ts";
import { PACKET_HEADER_MAX } from "./packet/packet_header.ts";
import type { ReceivedPacket } from "./packet/packet_reader.ts";
import { PacketWriter } from "./packet/packet_writer.ts";
import type { PathMessage } from "./path_validation.ts";
import { SkippedNumbers } from "./packet/skipped_numbers.ts";
import { PathLoss } from "./recovery/path_loss.ts";
import { Recovery } from "./recovery/recovery.ts";
import type {
  PathChange,
  RecoveryOptions,
} from "./recovery/recovery_options.ts";
import { RelayQueue } from "./relay_queue.ts";
import { type SendLimit, SendLimits } from "./send_limits.ts";
import type { SenderParts, Transmit } from "./sender_parts.ts";
import type { RemoteAddress } from "./packet/remote_address.ts";
import { Repeats } from "./streams/repeats.ts";
import { sentControl, type SentFrame } from "./streams/sent_frame.ts";
import {
  TransportError,
  TransportErrorCode,
} from "./packet/transport_error.ts";
import type { WireWriter } from "./packet/wire_buffer.ts";

/** Packets sent on one probe time-out (RFC 9002 §6.2.4). */
const PTO_PROBES = 2;

/** Longest packet that carries a PATH_CHALLENGE or PATH_RESPONSE alone. */
const PATH_PACKET_MAX = PACKET_HEADER_MAX + 1 + 8 + TAG_LENGTH;

/** Sends the packets of one connection. */
export class PacketSender {
  /** What was learned about the path, and the fate of packets. */
  readonly recovery: Recovery<SentFrame[]>;
  /** Whether a PING goes out if nothing else does that the peer must answer. */
  pingOwed = false;

  /** Packets for other nodes, which wait for room. */
  readonly relay: RelayQueue = new RelayQueue();
  /** What kept it from sending more, and how long. */
  readonly limits: SendLimits;
  /** How much gets lost. */
  readonly pathLoss: PathLoss = new PathLoss();
  /** Bytes of all datagrams sent. */
  bytesSent = 0;

  readonly #parts: SenderParts;
  readonly #packet: PacketWriter;
  readonly #transmit: Transmit;
  readonly #repeats = new Repeats();
  readonly #skipped: SkippedNumbers;
  #relayFirst = false;
  #ptoProbes = 0;
  #appLimited = true;

  constructor(parts: SenderParts, options: RecoveryOptions, now: number) {
    this.#parts = parts;
    const { protection, remoteId, path } = parts;
    this.#packet = new PacketWriter(protection, remoteId, path.mayBeTwo);
    this.#transmit = { length: 0, to: path.current, mtuProbe: false };
    this.limits = new SendLimits(now);
    this.#skipped = new SkippedNumbers(options.random);
    this.recovery = new Recovery(
      options,
      {
        onPacketAcked: (packet) => {
          this.pathLoss.onFate(false);
          this.#onFramesAcked(packet.frames);
        },
        onPacketLost: (packet) => {
          if (!packet.mtuProbe) this.pathLoss.onFate(true);
          this.#onFramesLost(packet.frames);
        },
      },
      now,
    );
  }

  get packetsSent(): number {
    return this.#packet.sealed;
  }

  // --- packets ---------------------------------------------------------------

  /**
   * Writes the next packet into `out`, most urgent things first.
   *
   * @returns Valid until the next call; `undefined` when nothing may go now.
   */
  transmit(now: number, out: Uint8Array): Transmit | undefined {
    const { path } = this.#parts;
    if (path.pending(now)) {
      const message = path.next(now, this.recovery.pto);
      if (message !== undefined && message.limit >= PATH_PACKET_MAX) {
        return this.#transmitPath(now, message, out);
      }
    }
    const transmit = this.#transmitProbe(now, out) ??
      this.#transmitFrames(now, out);
    if (transmit === undefined) {
      const { rate } = this.#parts;
      if (rate.until === Infinity) rate.leave(now);
      this.limits.enter(now, this.#limit());
    }
    return transmit;
  }

  /** Why nothing more goes out. */
  #limit(): SendLimit {
    const { streams, rate } = this.#parts;
    if (rate.until !== Infinity) return "rate";
    if (streams.hasData || this.relay.length > 0) {
      return this.recovery.heldByBuffer ? "buffer" : "path";
    }
    return streams.blocked ? "flowControl" : "application";
  }

  /** Writes a packet with nothing but a CLOSE frame. */
  transmitClose(now: number, out: Uint8Array, frame: CloseFrame): Transmit {
    writeClose(this.#begin(now, out, this.recovery.datagramFloor), frame);
    return this.#seal(now, [], false, this.#parts.path.current);
  }

  /** Writes ACK, control and stream frames, as congestion control and pacing allow. */
  #transmitFrames(now: number, out: Uint8Array): Transmit | undefined {
    const { streams, acks, path, rate, told } = this.#parts;
    const { datagramFloor, datagramSize } = this.recovery;
    const to = path.destination(datagramFloor);
    // What a path carries is not known before it is validated.
    const largest = to === path.current ? datagramSize : datagramFloor;
    const size = Math.min(largest, out.length);
    const probing = this.#ptoProbes > 0;
    const mayTake = this.#mayTake(now, size);
    const wanted = probing || this.pingOwed || this.relay.length > 0 ||
      streams.hasControl || streams.hasLost || told.owed || mayTake;
    if (!wanted) this.recovery.onNothingToSend();
    const allowed = wanted && (probing || this.recovery.maySend(now, size));
    if (!allowed && now < acks.deadline) return undefined;

    const writer = this.#begin(now, out, size);
    const frames: SentFrame[] = [];
    if (acks.owed) this.#writeAck(now, writer, frames);
    let eliciting = false;
    if (allowed) {
      const before = writer.offset;
      if (this.recovery.ackFrequency.write(writer)) {
        frames.push(sentControl("ack_frequency", undefined));
      }
      if (told.owed) told.write(writer, frames);
      streams.writeControl(writer, frames, now, this.recovery.rtt.min);
      // By turns: neither relayed packets nor our own data starve the other.
      this.#relayFirst = !this.#relayFirst;
      if (this.#relayFirst) this.#writeRelayed(writer);
      const content = mayTake
        ? streams.writeData(writer, frames, rate.available, rate.turnBytes)
        : streams.writeData(writer, frames, 0);
      rate.onSent(content);
      if (!this.#relayFirst) this.#writeRelayed(writer);
      eliciting = writer.offset > before;
      if (!eliciting && (probing || this.pingOwed)) {
        writer.u8(FrameType.PING);
        eliciting = true;
      }
      if (eliciting) this.pingOwed = false;
      if (probing) this.#ptoProbes--;
    }
    if (this.#packet.empty) return undefined;
    this.#appLimited = this.relay.length === 0 &&
      (!streams.hasData || rate.isShortOf(Math.min(streams.nextNew, size)));
    return this.#seal(now, frames, eliciting, to);
  }

  /** Whether there is stream data that was never sent and may be now. */
  #mayTake(now: number, size: number): boolean {
    const { streams, rate } = this.#parts;
    const next = streams.nextNew;
    if (next >= 0) return rate.mayTake(now, Math.min(next, size));
    rate.until = Infinity;
    return false;
  }

  /** Writes a path MTU probe when one is due. */
  #transmitProbe(now: number, out: Uint8Array): Transmit | undefined {
    const size = this.recovery.dueProbe(now);
    if (size === undefined || size > out.length) return undefined;
    if (!this.recovery.mayProbe(now, size)) return undefined;
    const writer = this.#begin(now, out, size);
    writer.u8(FrameType.PING);
    this.#packet.pad();
    return this.#seal(now, [], true, this.#parts.path.current, true);
  }

  /** Writes a challenge or a response, to whichever address it is meant for. */
  #transmitPath(
    now: number,
    message: PathMessage,
    out: Uint8Array,
  ): Transmit | undefined {
    const floor = this.recovery.datagramFloor;
    const writer = this.#begin(now, out, floor);
    writer.u8(
      message.response ? FrameType.PATH_RESPONSE : FrameType.PATH_CHALLENGE,
    );
    writer.bytes(message.data);
    // Padded, so that the new path is known to carry full datagrams, unless
    // the address has not sent enough to deserve one (RFC 9000 §8.2.1): a peer
    // that only receives sends nothing but small packets.
    if (message.limit >= floor) this.#packet.pad();
    return message.apart
      ? this.#sealApart(now, message.to)
      : this.#seal(now, [], true, message.to);
  }

  /** Seals a packet that goes another way, whose fate is nobody's concern. */
  #sealApart(now: number, to: RemoteAddress): Transmit {
    this.recovery.onApartSent(this.#packet.number);
    return this.#sealed(this.#packet.seal(now), to, false);
  }

  #writeRelayed(writer: WireWriter): void {
    const largest = this.recovery.datagramSize - PACKET_HEADER_MAX -
      TAG_LENGTH - RELAY_OVERHEAD_MAX;
    this.relay.write(writer, largest);
  }

  #writeAck(now: number, writer: WireWriter, frames: SentFrame[]): void {
    const { acks } = this.#parts;
    const ranges = acks.ranges.ranges();
    if (ranges.length === 0) return;
    if (!writeAck(writer, ranges, acks.delay(now))) return;
    frames.push(sentControl("ack", undefined, ranges[0].end));
    acks.onSent();
  }

  #begin(now: number, out: Uint8Array, size: number): WireWriter {
    const { largestAcked, pto } = this.recovery;
    return this.#packet.begin(now, out, size, largestAcked, pto);
  }

  /** Seals the packet and tells of it every part that counts. */
  #seal(
    now: number,
    frames: SentFrame[],
    ackEliciting: boolean,
    to: RemoteAddress,
    mtuProbe = false,
  ): Transmit {
    const { empty, idle } = this.#parts;
    const number = this.#packet.number;
    const size = this.#packet.seal(now);
    this.recovery.onPacketSent({
      number,
      time: now,
      size,
      ackEliciting,
      inFlight: ackEliciting,
      mtuProbe,
      frames,
    }, this.#appLimited);
    if (ackEliciting) {
      idle.onElicitingSent(now);
      empty.onAsked();
    }
    const { rtt } = this.recovery;
    this.#repeats.onSent(frames, size, now, this.pathLoss.share, rtt.min);
    return this.#sealed(size, to, mtuProbe);
  }

  #sealed(size: number, to: RemoteAddress, mtuProbe: boolean): Transmit {
    this.bytesSent += size;
    if (this.#skipped.isNext(this.#packet.number)) {
      this.recovery.onNumberSkipped(this.#packet.number++);
    }
    this.#parts.path.onSent(to, size);
    this.#transmit.length = size;
    this.#transmit.to = to;
    this.#transmit.mtuProbe = mtuProbe;
    return this.#transmit;
  }

  // --- their fate --------------------------------------------------------------

  /**
   * Takes an ACK frame.
   *
   * @returns Whether it tells of a packet for the first time.
   * @throws {TransportError} When it acknowledges what was never sent.
   */
  onAck(frame: AckFrame, { now }: ReceivedPacket): boolean {
    const newest = this.recovery.onAck(now, frame, this.#appLimited);
    if (newest < 0) return false;
    this.#parts.protection.onAcked(newest);
    return true;
  }

  /**
   * A peer that goes on sending has to acknowledge: else what is remembered of
   * sent packets grows with what it sends.
   *
   * @throws {TransportError} `INTERNAL_ERROR` when it has not for too long.
   */
  refuseSilence(): void {
    const { span } = this.recovery;
    if (span <= SENT_SPAN_MAX) return;
    throw new TransportError(
      TransportErrorCode.INTERNAL_ERROR,
      `the peer has not acknowledged a packet for ${span} others`,
    );
  }

  /** When {@linkcode onTimeout} is due; infinite when never. */
  nextTimeout(): number {
    return Math.min(this.recovery.nextTimeout(), this.#repeats.deadline);
  }

  /** Acts on the passing of time. */
  onTimeout(now: number): void {
    let frame = this.#repeats.takeDue(now);
    while (frame !== undefined) {
      this.#parts.streams.onFrameLost(frame);
      frame = this.#repeats.takeDue(now);
    }
    if (!this.recovery.onTimeout(now)) return;
    const { ptoCount } = this.recovery;
    const ptoMs = this.recovery.ptoMs(now);
    const change = this.#parts.path.onPto(now, ptoCount, ptoMs);
    if (change === undefined) this.#onProbeTimeout();
    else this.onPathChange(change);
  }

  /**
   * The peer has come back after a silence: what it has not acknowledged goes
   * out now, not when the next probe is due.
   */
  onSignOfLife(now: number): void {
    if (this.recovery.onSignOfLife(now)) this.#onProbeTimeout();
  }

  /** The initiator is there: its first packet took `rtt`, or less. */
  onOpen(now: number, rtt: number): void {
    this.recovery.onHandshakeRtt(now, rtt);
    this.#parts.told.onPath();
  }

  /** Packets go to another address from now on. */
  onPathChange(change: PathChange): void {
    this.recovery.onPathChange(change);
    this.#parts.told.onPath();
    // The peer is to learn of it. What went to the old address is probably lost,
    // unless both work.
    if (change.overlaps) this.pingOwed = true;
    else this.#onProbeTimeout();
  }

  #onFramesAcked(frames: readonly SentFrame[]): void {
    const { acks, streams } = this.#parts;
    for (const frame of frames) {
      if (frame.kind === "ack") acks.onAcked(frame.offset);
      else streams.onFrameAcked(frame);
    }
  }

  #onFramesLost(frames: readonly SentFrame[]): void {
    for (const frame of frames) {
      if (frame.kind === "ack_frequency") {
        this.recovery.ackFrequency.owed = true;
      } else if (frame.kind === "addresses" || frame.kind === "observed") {
        this.#parts.told.onLost(frame);
      } else this.#parts.streams.onFrameLost(frame);
    }
  }

  /** Sends again what the oldest packets carried: an answer to it is worth most. */
  #onProbeTimeout(): void {
    this.#ptoProbes = PTO_PROBES;
    let after = -1;
    for (let i = 0; i < PTO_PROBES; i++) {
      const packet = this.recovery.oldestUnacked(after);
      if (packet === undefined) return;
      after = packet.number;
      this.#onFramesLost(packet.frames);
    }
  }
}
