/** A client on a real socket that has the keys and keeps to no rule. */

import { cryptoProvider } from "../../../lib/mesh/aead_backend.ts";
import { ephemeralIdentity } from "../../../lib/mesh/mod.ts";
import type { Established } from "../../../lib/wire/handshake/handshake.ts";
import { Initiator } from "../../../lib/wire/handshake/initiator.ts";
import type { TransportParameters } from "../../../lib/wire/handshake/transport_parameters.ts";
import { AckRanges } from "../../../lib/wire/packet/ack_ranges.ts";
import { TAG_LENGTH } from "../../../lib/wire/packet/aead.ts";
import {
  decodePacketHeader,
  writePacketHeader,
} from "../../../lib/wire/packet/packet_header.ts";
import { PacketProtection } from "../../../lib/wire/packet/packet_protection.ts";
import { PacketReader } from "../../../lib/wire/packet/packet_reader.ts";
import { WireWriter } from "../../../lib/wire/packet/wire_buffer.ts";
import {
  decodeFrames,
  encodeFrames,
  type Frame,
} from "../../../lib/wire/testing/frames.ts";
import { TEST_PARAMETERS } from "../../../lib/wire/testing/connection_options.ts";

/** Twice a second; a machine may be busy elsewhere for that long. */
const ATTACH_TRIES = 120;

/** Whom to attach to. */
export interface Victim {
  /** `host:port`, IPv4. */
  readonly address: string;
  readonly publicKey: Uint8Array;
  readonly psk: Uint8Array;
}

/** Where a victim is. */
export function addressOf({ address }: Pick<Victim, "address">): Deno.NetAddr {
  const [hostname, port] = address.split(":");
  return { transport: "udp", hostname, port: Number(port) };
}

/** A socket of an attacker, on loopback, and what comes to it. */
export class AttackerSocket implements Disposable {
  /** What all of this process have sent. */
  static readonly sent = { packets: 0, bytes: 0 };
  /** Takes what comes, instead of {@linkcode next}. */
  onReceived: ((bytes: Uint8Array) => void) | undefined;
  readonly #socket = Deno.listenDatagram({
    transport: "udp",
    hostname: "127.0.0.1",
    port: 0,
  });
  readonly #came: Uint8Array[] = [];
  #arrived = Promise.withResolvers<void>();
  #open = true;

  constructor(readonly to: Deno.NetAddr) {
    this.#receive();
  }

  /** Sends one datagram. */
  async send(bytes: Uint8Array): Promise<void> {
    AttackerSocket.sent.packets++;
    AttackerSocket.sent.bytes += bytes.length;
    await this.#socket.send(bytes, this.to);
  }

  /** The next datagram within `ms`; `undefined` when there is none. */
  async next(ms: number): Promise<Uint8Array | undefined> {
    if (this.#came.length === 0) {
      let timer;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, ms);
      });
      await Promise.race([this.#arrived.promise, late]);
      clearTimeout(timer);
    }
    return this.#came.shift();
  }

  async #receive(): Promise<void> {
    const buffer = new Uint8Array(65_536);
    while (this.#open) {
      try {
        const bytes = (await this.#socket.receive(buffer))[0].slice();
        if (this.onReceived !== undefined) this.onReceived(bytes);
        else this.#came.push(bytes);
        this.#arrived.resolve();
        this.#arrived = Promise.withResolvers<void>();
      } catch (error) {
        if (this.#open) throw error;
      }
    }
  }

  [Symbol.dispose](): void {
    this.#open = false;
    this.#socket.close();
  }
}

/** The initiator's half of a handshake, as the program makes it. */
export async function initiatorFor(
  { publicKey, psk }: Pick<Victim, "publicKey" | "psk">,
  identity = ephemeralIdentity(),
  parameters: Partial<TransportParameters> = {},
): Promise<Initiator> {
  return new Initiator({
    provider: await cryptoProvider(),
    staticKeys: {
      secret: identity.x25519Secret,
      public: identity.x25519Public,
    },
    psk,
    parameters: { ...TEST_PARAMETERS, initialMaxData: 2 ** 26, ...parameters },
    responderPublicKey: publicKey,
  });
}

/** A session made by hand: it seals whatever frames it is given. */
export class WireClient implements Disposable {
  /** Packets of the victim that have come. */
  readonly received = new AckRanges(1_000_000);
  /** Frames of the victim that have come. */
  said: Frame[] = [];
  nextNumber = 0;
  readonly #reader: PacketReader;

  private constructor(
    readonly socket: AttackerSocket,
    readonly established: Established,
    private readonly protection: PacketProtection,
  ) {
    this.#reader = new PacketReader(protection);
    socket.onReceived = (bytes) => this.#open(bytes);
  }

  /**
   * Attaches, and says PING once, so that the session counts.
   *
   * @throws {Error} When nobody answers.
   */
  static async attach(
    victim: Victim,
    identity = ephemeralIdentity(),
    parameters: Partial<TransportParameters> = {},
  ): Promise<WireClient> {
    const initiator = await initiatorFor(victim, identity, parameters);
    const socket = new AttackerSocket(addressOf(victim));
    for (let tries = 0; tries < ATTACH_TRIES; tries++) {
      await socket.send(initiator.packet());
      const packet = await socket.next(500);
      if (packet === undefined) continue;
      const result = initiator.receive(packet);
      if (result.kind !== "established") continue;
      const { established } = result;
      const client = new WireClient(
        socket,
        established,
        new PacketProtection({
          aead: established.aead,
          provider: await cryptoProvider(),
          sendKey: established.sendKey,
          receiveKey: established.receiveKey,
        }),
      );
      await client.send({ type: "ping" });
      return client;
    }
    socket[Symbol.dispose]();
    throw new Error(`${victim.address} does not answer an attacker with keys`);
  }

  /** Seals any payload into one packet. */
  seal(payload: Uint8Array, number = this.nextNumber++): Uint8Array {
    const packet = new Uint8Array(13 + payload.length + TAG_LENGTH);
    const writer = new WireWriter(packet);
    const { remoteConnectionId } = this.established;
    const phase = this.protection.sendKeyPhase;
    writePacketHeader(writer, remoteConnectionId, phase, number, 4);
    const header = packet.subarray(0, writer.offset);
    const sealed = packet.subarray(writer.offset);
    this.protection.seal(performance.now(), number, header, payload, sealed);
    return packet;
  }

  /** Seals frames into one packet and sends it. */
  async send(...frames: Frame[]): Promise<void> {
    await this.sendPayload(encodeFrames(...frames));
  }

  /** Seals any payload into one packet and sends it. */
  async sendPayload(payload: Uint8Array): Promise<void> {
    await this.socket.send(this.seal(payload));
  }

  /** An ACK of everything that has come; a PING when nothing has. */
  ack(): Frame {
    const ranges = this.received.ranges().slice(0, 60).map((r) => ({ ...r }));
    return ranges.length === 0
      ? { type: "ping" }
      : { type: "ack", ranges, delay: 0 };
  }

  /** What the victim has said, cleared. */
  take(): Frame[] {
    const { said } = this;
    this.said = [];
    return said;
  }

  /** Whether the victim still answers within `ms`. */
  async isAlive(ms = 60_000): Promise<boolean> {
    const before = this.received.ranges()[0]?.end ?? -1;
    const end = performance.now() + ms;
    while (performance.now() < end) {
      await this.send({ type: "ping" });
      await new Promise((resolve) => setTimeout(resolve, 50));
      if ((this.received.ranges()[0]?.end ?? -1) > before) return true;
    }
    return false;
  }

  #open(bytes: Uint8Array): void {
    const header = decodePacketHeader(bytes);
    if (header === undefined) return;
    const now = performance.now();
    const opened = this.#reader.open(now, header, bytes, this.socket.to);
    if (opened === undefined) return;
    this.received.add(opened.number);
    this.said.push(...decodeFrames(opened.payload).frames);
  }

  /** Leaves without a word. */
  [Symbol.dispose](): void {
    this.socket[Symbol.dispose]();
  }
}
