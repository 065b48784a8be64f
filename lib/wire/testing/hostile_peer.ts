/**
 * A peer that has the right keys and keeps to no rule: it seals whatever
 * frames a test gives it and reads what the connection under test says.
 */

import { AckRanges } from "../packet/ack_ranges.ts";
import { TAG_LENGTH } from "../packet/aead.ts";
import { Connection } from "../connection.ts";
import type {
  ConnectionClose,
  ConnectionOptions,
} from "../connection_options.ts";
import {
  decodePacketHeader,
  writePacketHeader,
} from "../packet/packet_header.ts";
import { PacketReader } from "../packet/packet_reader.ts";
import type { PacketProtection } from "../packet/packet_protection.ts";
import type { RemoteAddress } from "../packet/remote_address.ts";
import type { Stream } from "../streams/stream.ts";
import type { TransportParameters } from "../handshake/transport_parameters.ts";
import { WireWriter } from "../packet/wire_buffer.ts";
import { decodeFrames, encodeFrames, type Frame } from "./frames.ts";
import {
  TEST_IDS,
  TEST_PARAMETERS,
  testConnectionOptions,
  testProtection,
} from "./connection_options.ts";

/** Where the peer is unless it says otherwise. */
export const PEER_ADDRESS: RemoteAddress = { hostname: "192.0.2.1", port: 1 };

/** A connection under test, as responder, and the hands of its hostile peer. */
export class HostilePeer {
  readonly victim: Connection;
  readonly streams: Stream[] = [];
  closed: ConnectionClose | undefined;
  /** Every frame the connection has sent since {@linkcode take}. */
  said: Frame[] = [];
  /** Bytes the connection has sent, by port. */
  readonly bytesTo = new Map<number, number>();
  /** Packets of the connection that have come. */
  readonly received = new AckRanges(1_000_000);
  now = 1000;
  nextNumber = 0;
  readonly #protection: PacketProtection;
  readonly #reader: PacketReader;
  readonly #out = new Uint8Array(65_507);

  /** Makes both; `parameters` are what the connection under test announces. */
  constructor(
    options: Partial<ConnectionOptions> = {},
    parameters: Partial<TransportParameters> = {},
  ) {
    this.#protection = testProtection(0, { rekeyPackets: 1, rekeyMs: 0 });
    this.#reader = new PacketReader(this.#protection);
    this.victim = new Connection({
      ...testConnectionOptions(1),
      local: { ...TEST_PARAMETERS, ...parameters },
      address: PEER_ADDRESS,
      handler: {
        onOpen: () => {},
        onStream: (stream) => this.streams.push(stream),
        onStreamsAvailable: () => {},
        onClose: (close) => this.closed = close,
        onRelay: () => false,
      },
      ...options,
    }, this.now);
  }

  /** Seals frames into one packet and delivers it. */
  send(...frames: Frame[]): void {
    this.sendPayload(encodeFrames(...frames));
  }

  /** Seals any payload into one packet and delivers it. */
  sendPayload(payload: Uint8Array, from: RemoteAddress = PEER_ADDRESS): void {
    const packet = new Uint8Array(13 + payload.length + TAG_LENGTH);
    const writer = new WireWriter(packet);
    const number = this.nextNumber++;
    const phase = this.#protection.sendKeyPhase;
    writePacketHeader(writer, TEST_IDS[1], phase, number, 4);
    const header = packet.subarray(0, writer.offset);
    const sealed = packet.subarray(writer.offset);
    this.#protection.seal(this.now, number, header, payload, sealed);
    this.victim.receive(this.now, decodePacketHeader(packet)!, packet, from);
  }

  /** Seals with another key from now on, whatever the rules say about when. */
  changeKey(): void {
    this.#protection.onAcked(this.nextNumber - 1);
    this.#protection.maybeRekey(this.now, 0);
  }

  /** Lets the connection send what it wants to, at most `packets`. */
  listen(packets = 1000): void {
    for (let i = 0; i < packets; i++) {
      const sent = this.victim.transmit(this.now, this.#out);
      if (sent === undefined) return;
      const { port } = sent.to;
      this.bytesTo.set(port, (this.bytesTo.get(port) ?? 0) + sent.length);
      this.#read(this.#out.slice(0, sent.length));
    }
  }

  /** Lets time pass, with whatever the connection does in it. */
  wait(ms: number): void {
    const end = this.now + ms;
    for (let steps = 0; steps < 1000; steps++) {
      const next = this.victim.nextTimeout();
      if (next > end) break;
      this.now = Math.max(this.now, next);
      this.victim.onTimeout(this.now);
      this.listen(100);
    }
    this.now = Math.max(this.now, end);
  }

  /** What the connection has said, cleared. */
  take(): Frame[] {
    const said = this.said;
    this.said = [];
    return said;
  }

  /** An ACK frame of everything that has come; `undefined` when nothing has. */
  ack(): Frame | undefined {
    const ranges = this.received.ranges().slice(0, 60).map((r) => ({ ...r }));
    return ranges.length === 0 ? undefined : { type: "ack", ranges, delay: 0 };
  }

  #read(packet: Uint8Array): void {
    const header = decodePacketHeader(packet)!;
    const opened = this.#reader.open(this.now, header, packet, PEER_ADDRESS);
    if (opened === undefined) throw new Error("a packet is not sealed");
    this.received.add(opened.number);
    this.said.push(...decodeFrames(opened.payload).frames);
  }
}
