/**
 * A responder under a flood of Initials, on a virtual clock: what it computes is
 * counted, and peers that do nothing wrong attach beside it.
 */

import { ATTACH_BUDGET_MS } from "../../../lib/limits.ts";
import type { AcceptResult } from "../../../lib/wire/handshake/accept_result.ts";
import { Acceptor } from "../../../lib/wire/handshake/acceptor.ts";
import {
  encodeInitial,
  setMac2,
} from "../../../lib/wire/handshake/handshake_packet.ts";
import { Initiator } from "../../../lib/wire/handshake/initiator.ts";
import { mac1Key, openCookie } from "../../../lib/wire/handshake/mac.ts";
import { dhKeyPair } from "../../../lib/wire/handshake/noise.ts";
import type { CryptoProvider } from "../../../lib/wire/packet/aead.ts";
import { connectionIdKey } from "../../../lib/wire/packet/packet_header.ts";
import type { RemoteAddress } from "../../../lib/wire/packet/remote_address.ts";
import { TEST_PARAMETERS } from "../../../lib/wire/testing/connection_options.ts";
import { testProvider } from "../../../lib/wire/testing/crypto.ts";
import { cryptoProvider } from "../../../lib/mesh/aead_backend.ts";
import { quickX25519 } from "./quick_x25519.ts";

const { chacha20Poly1305 } = await cryptoProvider();

/** Handshakes in a second of a machine with the runtime's X25519. */
export const PER_SECOND = 1000;
/** Virtual milliseconds between a packet and its answer. */
const ROUND_TRIP_MS = 20;
/** How long a flood lasts in which others come, and how often one does. */
const SPAN_MS = 3000;
const NEW_PEER_MS = 250;
/** When an Initial is repeated first, and at the latest, as an attach does. */
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 2000;
const MEASURED_MS = 1000;

/** What an attacker sends. */
export interface HandshakeFlood {
  /**
   * `no PSK`: a wrong mac1; `garbage`: a right one and noise inside; `wrong
   * cookie`: the same with noise in mac2; `handshakes`: true ones that open, of
   * one key or of `keys`; `not allowed`: of a key that may not attach; `replay`:
   * true Initials of others, which never open.
   */
  readonly kind:
    | "no PSK"
    | "garbage"
    | "wrong cookie"
    | "handshakes"
    | "not allowed"
    | "replay";
  /** Addresses it comes from; Infinity forges another one for each packet. */
  readonly addresses: number;
  /** Whether it uses the cookies that it is told. */
  readonly cookies?: boolean;
  /** Keys that it has. @default {1} */
  readonly keys?: number;
  /** Pre-shared keys of the node; peers have the last one. @default {1} */
  readonly psks?: number;
}

/** What came of it. */
export interface HandshakeFloodResult {
  /** Products computed for the attacker in one second, once it has all it gets. */
  readonly products: number;
  /** Its sessions in that second. */
  readonly opened: number;
  /** Packets sent back to it in that second. */
  readonly answers: number;
  /** How long it all took, in virtual ms. */
  readonly spanMs: number;
  /** Peers that came, and how long the slowest took, in virtual ms; Infinity for one locked out. */
  readonly peers: number;
  readonly slowestMs: number;
}

interface Peer {
  readonly initiator: Initiator;
  readonly from: RemoteAddress;
  readonly since: number;
  sent: number;
  next: number;
}

/** Runs a flood of so many packets in a second. */
export class HandshakeSimulation {
  #products = 0;
  readonly #random = testProvider({ seed: 7 });
  readonly #provider: CryptoProvider = {
    ...this.#random,
    chacha20Poly1305,
    handshakesPerSecond: PER_SECOND,
    x25519: quickX25519,
  };
  readonly #psk = this.#bytes(32);
  readonly #keys = dhKeyPair(this.#bytes(32), quickX25519);
  readonly #stranger = dhKeyPair(this.#bytes(32), quickX25519);
  readonly #acceptor: Acceptor;
  /** What has been prepared for each address, and the cookie of it. */
  readonly #prepared = new Map<string, Uint8Array[]>();
  readonly #cookies = new Map<string, Uint8Array>();
  readonly #identities: Uint8Array[];
  #sent = 0;
  #opened = 0;
  #answers = 0;

  /** Prepares one. */
  constructor(
    private readonly flood: HandshakeFlood,
    private readonly perSecond: number,
  ) {
    this.#identities = Array.from(
      { length: flood.keys ?? 1 },
      () => this.#bytes(32),
    );
    const { public: stranger } = this.#stranger;
    this.#acceptor = new Acceptor({
      handshake: {
        provider: {
          ...this.#provider,
          x25519: (secret, point) => {
            this.#products++;
            return quickX25519(secret, point);
          },
        },
        staticKeys: this.#keys,
        parameters: TEST_PARAMETERS,
      },
      psks: [
        ...Array.from(
          { length: (flood.psks ?? 1) - 1 },
          (_, i) => ({ name: `k${i}`, secret: this.#bytes(32) }),
        ),
        { name: "peers", secret: this.#psk },
      ],
      inUse: () => false,
      allow: (key) => key.some((byte, i) => byte !== stranger[i]),
    });
  }

  /** Lets it come until all peers beside it have attached or given up. */
  run(): HandshakeFloodResult {
    const waiting = new Set<Peer>();
    let [peers, slowestMs] = [0, 0];
    let before = this.#counts();
    let after = before;
    let now = 0;
    for (; now <= SPAN_MS || waiting.size > 0; now++) {
      if (now === SPAN_MS - MEASURED_MS) before = this.#counts();
      this.#attack(now);
      if (now === SPAN_MS - 1) after = this.#counts();
      if (now < SPAN_MS && now % NEW_PEER_MS === NEW_PEER_MS - 1) {
        waiting.add(this.#newPeer(now, peers++));
      }
      for (const peer of waiting) {
        if (peer.next > now) continue;
        const products = this.#products;
        const took = this.#attach(peer, now);
        this.#products = products;
        if (took === undefined) continue;
        waiting.delete(peer);
        slowestMs = Math.max(slowestMs, took);
      }
    }
    const [products, opened, answers] = after.map((count, i) =>
      count - before[i]
    );
    return { products, opened, answers, spanMs: now, peers, slowestMs };
  }

  #counts(): [number, number, number] {
    return [this.#products, this.#opened, this.#answers];
  }

  #bytes(length: number): Uint8Array {
    return this.#random.randomBytes(new Uint8Array(length));
  }

  #initiator(secret: Uint8Array): Initiator {
    return new Initiator({
      provider: this.#provider,
      staticKeys: dhKeyPair(secret, quickX25519),
      psk: this.#psk,
      parameters: TEST_PARAMETERS,
      responderPublicKey: this.#keys.public,
    });
  }

  // --- who attacks -----------------------------------------------------------

  #attack(now: number): void {
    const due = (now + 1) * this.perSecond / 1000;
    for (; this.#sent < due; this.#sent++) {
      const { addresses, cookies } = this.flood;
      const index = this.#sent;
      const host = addresses === Infinity ? index : index % addresses;
      const from = {
        hostname: `10.${host >> 16}.${(host >> 8) & 255}.${host & 255}`,
        port: 9,
      };
      const packet = this.#next(from.hostname);
      const cookie = this.#cookies.get(from.hostname);
      if (cookie !== undefined) setMac2(packet, cookie);
      const result = this.#acceptor.onInitial(now, packet, from);
      if (result.kind !== "drop") this.#answers++;
      if (cookies === true && result.kind === "reply") {
        const told = this.#cookieIn(result.packet, packet);
        if (told !== undefined) this.#cookies.set(from.hostname, told);
      }
      if (this.flood.kind === "handshakes" && result.kind === "accepted") {
        this.#open(now, result);
        this.#prepared.get(from.hostname)?.shift();
      }
    }
  }

  /** The next packet from an address: noise as before, handshakes until they open. */
  #next(hostname: string): Uint8Array {
    const { kind } = this.flood;
    const name = kind === "handshakes" ? hostname : kind;
    const all = this.#prepared.get(name) ?? [];
    this.#prepared.set(name, all);
    if (kind === "handshakes") {
      if (all.length === 0) {
        const identity = this.#identities[this.#sent % this.#identities.length];
        all.push(this.#initiator(identity).packet());
      }
      return all[0];
    }
    if (all.length < (kind === "replay" ? 100 : 300)) all.push(this.#make());
    return all[this.#sent % all.length];
  }

  #make(): Uint8Array {
    switch (this.flood.kind) {
      case "replay":
        return this.#initiator(this.#bytes(32)).packet();
      case "not allowed":
        return this.#initiator(this.#stranger.secret).packet();
      default: {
        const noise = this.#bytes(160);
        const packet = encodeInitial({
          version: 1,
          destinationId: this.#bytes(8),
          sourceId: this.#bytes(8),
          noise,
          mac1Key: mac1Key(this.#keys.public, this.#psk),
          size: 1200,
        });
        if (this.flood.kind === "no PSK") packet[packet.length - 32] ^= 1;
        if (this.flood.kind === "wrong cookie") {
          packet.set(this.#bytes(16), packet.length - 16);
        }
        return packet;
      }
    }
  }

  #cookieIn(reply: Uint8Array, packet: Uint8Array): Uint8Array | undefined {
    if (reply[0] !== 3) return undefined;
    return openCookie({
      aead: this.#provider.chacha20Poly1305,
      publicKey: this.#keys.public,
      psk: this.#psk,
      nonce: reply.subarray(9, 25),
      mac1: packet.subarray(-32, -16),
    }, reply.subarray(25));
  }

  #open(now: number, result: AcceptResult & { kind: "accepted" }): void {
    const { localConnectionId } = result.established;
    this.#acceptor.onOpened(now, connectionIdKey(localConnectionId, 0));
    this.#opened++;
  }

  // --- who does nothing wrong ------------------------------------------------

  #newPeer(now: number, index: number): Peer {
    return {
      initiator: this.#initiator(this.#bytes(32)),
      from: { hostname: `203.0.113.${index}`, port: 1 },
      since: now,
      sent: 0,
      next: now,
    };
  }

  /** Sends what is due of a peer; tells how long it took once it is in, or gives up. */
  #attach(peer: Peer, now: number): number | undefined {
    if (now - peer.since >= ATTACH_BUDGET_MS) return Infinity;
    const packet = peer.initiator.packet();
    const result = this.#acceptor.onInitial(now, packet, peer.from);
    const wait = FIRST_WAIT_MS * 2 ** peer.sent++;
    peer.next = now + Math.min(wait, LONGEST_WAIT_MS);
    if (result.kind === "drop") return undefined;
    const { kind } = peer.initiator.receive(result.packet);
    if (kind === "retry") peer.next = now + ROUND_TRIP_MS;
    if (kind !== "established" || result.kind !== "accepted") return undefined;
    const { localConnectionId } = result.established;
    this.#acceptor.onOpened(now, connectionIdKey(localConnectionId, 0));
    return now + ROUND_TRIP_MS - peer.since;
  }
}
