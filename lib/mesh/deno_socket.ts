import { HandshakeError, PermissionError } from "../errors.ts";
import type { RemoteAddress } from "../wire/mod.ts";
import type {
  DatagramHandler,
  DatagramSocket,
  SizeCounts,
} from "./datagram_socket.ts";
import { formatAddress, isLinkLocal, zoneOf } from "./address.ts";
import { receiveBufferBytes } from "./receive_buffer_bytes.ts";
import { socketDrops } from "./socket_drops.ts";
import { SystemNetwork } from "./system_network.ts";
import { udpPayload } from "./transport_limits.ts";

/** Longest datagram there is. */
const RECEIVE_BYTES = 65_536;

const network = new SystemNetwork();

function ignore(): void {}

/** UDP through Deno's own datagram API: works everywhere, needs only a net grant. */
export class DenoSocket implements DatagramSocket {
  readonly #conn: Deno.DatagramConn;
  /** The interface that link-local peers are behind: Deno leaves it out. */
  readonly #zone: string | undefined;
  #lastSendError: Error | undefined;
  #closed = false;

  readonly local: RemoteAddress;
  readonly receiveBufferBytes: number = receiveBufferBytes();

  private constructor(conn: Deno.DatagramConn, zone: string | undefined) {
    this.#conn = conn;
    this.#zone = zone;
    this.local = this.withZone(conn.addr as Deno.NetAddr);
  }

  /**
   * Opens a socket.
   *
   * @param zone The interface that link-local peers are behind. @default {the one
   * that the address is of}
   * @param shared Whether another socket may be opened on the same port.
   */
  static bind(
    hostname: string,
    port: number,
    zone: string | undefined = zoneOf(hostname),
    shared = false,
  ): DenoSocket {
    try {
      return new DenoSocket(
        Deno.listenDatagram({
          transport: "udp",
          hostname,
          port,
          reuseAddress: shared,
        }),
        zone,
      );
    } catch (error) {
      const where = formatAddress({ hostname, port });
      if (error instanceof Deno.errors.NotCapable) {
        throw new PermissionError(
          `cannot open a UDP socket on ${where}: this process may not use it`,
          { cause: error, hint: `start it with --allow-net=${where}` },
        );
      }
      const inUse = error instanceof Deno.errors.AddrInUse;
      const said = error instanceof Error ? error.message : String(error);
      throw new HandshakeError(
        `cannot listen on ${where}: ${inUse ? "the address is in use" : said}`,
        {
          cause: error,
          hint: inUse
            ? "choose another port, or stop the process that holds it"
            : undefined,
          fields: { address: where },
        },
      );
    }
  }

  get lastSendError(): Error | undefined {
    return this.#lastSendError;
  }

  get drops(): number | undefined {
    return socketDrops(this.local);
  }

  carries(to: RemoteAddress): number | undefined {
    const mtu = network.mtuTowards(to.hostname);
    return mtu && udpPayload(to.hostname, mtu);
  }

  sizeCounts(to: RemoteAddress): SizeCounts | undefined {
    return network.sizeCounts(to.hostname);
  }

  async receive(take: DatagramHandler): Promise<void> {
    const buffer = new Uint8Array(RECEIVE_BYTES);
    while (!this.#closed) {
      try {
        const [bytes, from] = await this.#conn.receive(buffer);
        take(bytes, bytes.length, this.withZone(from as Deno.NetAddr));
      } catch (error) {
        if (this.#closed) return;
        // Some systems report a peer's ICMP error here; the socket lives on.
        if (
          error instanceof Deno.errors.ConnectionRefused ||
          error instanceof Deno.errors.ConnectionReset
        ) {
          this.#lastSendError = error;
          continue;
        }
        throw error;
      }
    }
  }

  /** The address with the interface it is behind, where that matters. */
  withZone(address: RemoteAddress): RemoteAddress {
    if (this.#zone === undefined || !isLinkLocal(address.hostname)) {
      return address;
    }
    return { ...address, hostname: `${address.hostname}%${this.#zone}` };
  }

  send(
    bytes: Uint8Array,
    segmentSize: number,
    to: RemoteAddress,
  ): Promise<void> {
    const net = asNetAddr(to);
    if (bytes.length <= segmentSize) return this.#sendOne(bytes, net);
    const pending: Promise<void>[] = [];
    for (let at = 0; at < bytes.length; at += segmentSize) {
      pending.push(this.#sendOne(bytes.subarray(at, at + segmentSize), net));
    }
    return Promise.all(pending).then(() => undefined);
  }

  #sendOne(bytes: Uint8Array, to: Deno.NetAddr): Promise<void> {
    // One promise for each packet: an async function would make two.
    return this.#conn.send(bytes, to).then(ignore, this.#onSendError);
  }

  readonly #onSendError = (error: unknown): void => {
    this.#lastSendError = error instanceof Error
      ? error
      : new Error(String(error));
  };

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#conn.close();
  }
}

/** Addresses of received datagrams are Deno's own objects already. */
function asNetAddr(address: RemoteAddress): Deno.NetAddr {
  if ("transport" in address) return address as Deno.NetAddr;
  return { transport: "udp", hostname: address.hostname, port: address.port };
}
