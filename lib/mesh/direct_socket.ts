import { DIRECT_PROBES_PER_SECOND } from "../limits.ts";
import {
  type DirectOptions,
  PerSecond,
  type RemoteAddress,
} from "../wire/mod.ts";
import { isLoopback, parseAddress } from "./address.ts";
import type {
  DatagramHandler,
  DatagramSocket,
  SizeCounts,
} from "./datagram_socket.ts";
import { DenoSocket } from "./deno_socket.ts";
import {
  type LocalPorts,
  mayProbe,
  ownAddresses,
  remoteAddressOf,
} from "./direct_addresses.ts";
import { knownInterfaces } from "./link_local.ts";
import { RelayAddress, RelaySocket } from "./relay_socket.ts";
import type { RelayCarrier } from "./session.ts";
import {
  isUnderlaid,
  type UnderlaidCarrier,
  type Underlay,
} from "./underlay.ts";

/** Whether a session by way of a relay may move to a direct path. */
export type DirectMode = "auto" | "never";

/** Of all sessions of this process together. */
const PROBES = new PerSecond(DIRECT_PROBES_PER_SECOND);

/**
 * The socket of sessions behind a relay: their packets travel in its RELAY
 * frames, and past it where `direct` allows that.
 */
export function socketBehind(
  carrier: RelayCarrier,
  direct: DirectMode = "auto",
): DatagramSocket {
  return direct === "auto" && isUnderlaid(carrier)
    ? new DirectSocket(carrier)
    : new RelaySocket(carrier);
}

/**
 * A {@linkcode RelaySocket} that sends to other addresses as well, by the socket
 * under the session with the relay: one that the NATs on the way know.
 */
export class DirectSocket implements DatagramSocket {
  readonly #carrier: UnderlaidCarrier;
  readonly #relayed: RelaySocket;
  readonly #underlay: Underlay;
  readonly #isIpv6: boolean;
  /** For IPv6 peers, where the relay was reached by IPv4. */
  #other: DenoSocket | undefined;
  #take: DatagramHandler | undefined;
  #closed = false;

  readonly local: RemoteAddress;
  readonly receiveBufferBytes: number;
  readonly sizes: DatagramSocket["sizes"];
  readonly direct: DirectOptions = {
    addresses: () => this.#addresses(),
    admit: (address) => {
      const ports = this.#ports();
      const isIpv4 = address.host.length === 4;
      if ((isIpv4 ? ports.ipv4 : ports.ipv6) === undefined) return undefined;
      return mayProbe(address, this.#relayIsLocal)
        ? remoteAddressOf(address, this.#isIpv6)
        : undefined;
    },
    mayProbe: (now) => PROBES.take(now),
  };

  constructor(carrier: UnderlaidCarrier) {
    this.#carrier = carrier;
    this.#underlay = carrier.underlay;
    this.#relayed = new RelaySocket(carrier);
    this.local = this.#relayed.local;
    this.sizes = this.#relayed.sizes;
    const { socket } = this.#underlay;
    this.#isIpv6 = socket.local.hostname.includes(":");
    this.receiveBufferBytes = Math.min(
      this.#relayed.receiveBufferBytes,
      socket.receiveBufferBytes,
    );
  }

  get lastSendError(): Error | undefined {
    return this.#relayed.lastSendError;
  }

  get drops(): number | undefined {
    return this.#underlay.socket.drops;
  }

  carries(to: RemoteAddress): number | undefined {
    return to instanceof RelayAddress
      ? undefined
      : this.#underlay.socket.carries?.(to);
  }

  sizeCounts(to: RemoteAddress): SizeCounts | undefined {
    return to instanceof RelayAddress
      ? undefined
      : this.#underlay.socket.sizeCounts?.(to);
  }

  async receive(take: DatagramHandler): Promise<void> {
    this.#take = take;
    this.#underlay.onStray = (bytes, from) => take(bytes, bytes.length, from);
    await this.#relayed.receive(take);
  }

  send(
    bytes: Uint8Array,
    segmentSize: number,
    to: RemoteAddress,
  ): Promise<void> | void {
    if (to instanceof RelayAddress) {
      return this.#relayed.send(bytes, segmentSize, to);
    }
    if (this.#closed) return;
    const isOther = !this.#isIpv6 && to.hostname.includes(":");
    const socket = isOther ? this.#other : this.#underlay.socket;
    return socket?.send(bytes, segmentSize, to);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#underlay.onStray = undefined;
    this.#other?.close();
    await this.#relayed.close();
  }

  #addresses() {
    const interfaces = knownInterfaces();
    const hasIpv6 = ownAddresses(interfaces, { ipv6: 1 }, undefined).length > 0;
    if (hasIpv6) this.#openOther();
    return ownAddresses(interfaces, this.#ports(), this.#carrier.observed);
  }

  #ports(): LocalPorts {
    const { port } = this.#underlay.socket.local;
    return this.#isIpv6
      ? { ipv4: port, ipv6: port }
      : { ipv4: port, ipv6: this.#other?.local.port };
  }

  /** Opens a socket for IPv6 beside one for IPv4, where that may be. */
  #openOther(): void {
    if (this.#isIpv6 || this.#other !== undefined || this.#closed) return;
    const { state } = Deno.permissions.querySync({ name: "net", host: "[::]" });
    if (state !== "granted" || this.#take === undefined) return;
    try {
      this.#other = DenoSocket.bind("::", 0);
    } catch {
      // A machine without IPv6 after all: what it has must do.
      return;
    }
    this.#other.receive(this.#take).catch(() => {
      // It is gone: its path fails, and the others remain.
    });
  }

  /** By where it was reached, not by what it says. */
  get #relayIsLocal(): boolean {
    const relay = parseAddress(this.#carrier.remote.address);
    return relay !== undefined && isLoopback(relay.hostname);
  }
}
