/** The sockets of multicast DNS: one to hear what is asked, others to ask. */

import { IoError, PermissionError } from "../errors.ts";
import { isLinkLocal, type SocketAddress } from "../mesh/mod.ts";
import { MDNS_PACKET_MAX } from "../limits.ts";
import {
  type InterfaceInfo,
  interfaceOf,
  type MulticastInterface,
  multicastInterfaces,
} from "./multicast_interfaces.ts";

const GROUP_V4 = "224.0.0.251";
const GROUP_V6 = "ff02::fb";
/** Port of multicast DNS. */
const MDNS_PORT = 5353;

/** Where multicast DNS is spoken. */
export interface MulticastSettings {
  /** @default {5353} */
  readonly port?: number;
  /** Names of the interfaces. @default {all that can} */
  readonly interfaces?: readonly string[];
}

/** A packet that came. */
export interface Heard {
  /** It is written over after the call. */
  readonly bytes: Uint8Array;
  /** Its sender; a link-local one with its zone. */
  readonly from: SocketAddress;
  /** The interface that it came by. */
  readonly by: MulticastInterface;
  /** Sends something back to the sender alone. */
  readonly reply: (bytes: Uint8Array) => Promise<void>;
}

/** The interfaces of this machine that multicast DNS is spoken on. */
export function localInterfaces(
  { interfaces }: MulticastSettings,
): MulticastInterface[] {
  let infos: InterfaceInfo[];
  try {
    infos = Deno.networkInterfaces();
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotCapable)) throw cause;
    throw new PermissionError(
      "the network interfaces of this machine may not be looked at",
      { cause, hint: "start it with --allow-sys=networkInterfaces" },
    );
  }
  return multicastInterfaces(
    infos.filter(({ name }) => interfaces?.includes(name) ?? true),
  );
}

/**
 * The settings for a node that listens on an address: the interfaces that it can
 * be reached by.
 */
export function interfacesAt(
  hostname: string,
  settings: MulticastSettings,
): MulticastSettings {
  if (/^(?:0\.0\.0\.0|::)$/.test(hostname)) return settings;
  const literal = hostname.replace(/%.*/, "");
  const own = localInterfaces(settings)
    .filter(({ addresses }) => addresses.includes(literal));
  return { ...settings, interfaces: own.map(({ name }) => name) };
}

interface Bound {
  readonly conn: Deno.DatagramConn;
  /** The interface that it is of, where it is of one alone. */
  readonly only?: MulticastInterface;
}

function bind(hostname: string, port: number): Deno.DatagramConn {
  return Deno.listenDatagram({
    transport: "udp",
    hostname,
    port,
    reuseAddress: true,
  });
}

/** Opens what can be opened; fails when that is nothing. */
async function openEach<T>(
  interfaces: readonly T[],
  open: (one: T) => Promise<Bound[]>,
): Promise<Bound[]> {
  const bound: Bound[] = [];
  let failure: unknown;
  for (const one of interfaces) {
    try {
      bound.push(...await open(one));
    } catch (error) {
      failure = error;
    }
  }
  if (bound.length > 0) return bound;
  if (failure instanceof Deno.errors.NotCapable) {
    throw new PermissionError(
      "this process may not speak multicast DNS on the local network",
      {
        cause: failure,
        hint:
          `start it with --allow-net, or with --allow-net=0.0.0.0,${GROUP_V4},[${GROUP_V6}] and the addresses of this machine`,
      },
    );
  }
  const said = failure instanceof Error ? `: ${failure.message}` : "";
  throw new IoError(`no interface takes multicast DNS${said}`, {
    cause: failure,
    hint: "give the ticket, or meet at a node (--meet)",
  });
}

/** Sockets that are open for some time. */
class Sockets implements Disposable {
  readonly #bound: readonly Bound[];
  readonly #interfaces: readonly MulticastInterface[];
  #isClosed = false;

  constructor(
    bound: readonly Bound[],
    interfaces: readonly MulticastInterface[],
  ) {
    this.#bound = bound;
    this.#interfaces = interfaces;
  }

  /** Hands over what comes, until it is closed. */
  async receive(take: (heard: Heard) => void): Promise<void> {
    await Promise.all(this.#bound.map((bound) => this.#receive(bound, take)));
  }

  /** Closes all of them. */
  [Symbol.dispose](): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const { conn } of this.#bound) conn.close();
  }

  async #receive(
    { conn, only }: Bound,
    take: (heard: Heard) => void,
  ): Promise<void> {
    const buffer = new Uint8Array(MDNS_PACKET_MAX + 1);
    while (!this.#isClosed) {
      let got: [Uint8Array, Deno.Addr];
      try {
        got = await conn.receive(buffer);
      } catch {
        // An ICMP error of some peer, unless it is closed.
        continue;
      }
      const [bytes, addr] = got;
      const { hostname, port } = addr as Deno.NetAddr;
      const by = only ?? interfaceOf(hostname, this.#interfaces);
      // What is not of a network of ours has no business here (RFC 6762 §11).
      if (by === undefined) continue;
      const from = {
        hostname: isLinkLocal(hostname) ? `${hostname}%${by.name}` : hostname,
        port,
      };
      take({
        bytes,
        from,
        by,
        reply: (bytes) => send(conn, bytes, from),
      });
    }
  }
}

/** Sends; what the system refuses is lost, as on the way. */
async function send(
  conn: Deno.DatagramConn,
  bytes: Uint8Array,
  to: SocketAddress,
): Promise<void> {
  await conn.send(bytes, { transport: "udp", ...to }).catch(() => {});
}

/** The group, as it is reached by an interface. */
function groupAt(
  { name }: MulticastInterface,
  family: "ipv4" | "ipv6",
  port: number,
): SocketAddress {
  return {
    hostname: family === "ipv4" ? GROUP_V4 : `${GROUP_V6}%${name}`,
    port,
  };
}

/**
 * Opens sockets that hear what is sent to the group.
 *
 * They are bound to the group's address, not to all of the machine's, so that
 * they take nothing from the system's own responder.
 */
export async function openGroup(settings: MulticastSettings): Promise<Sockets> {
  const { port = MDNS_PORT } = settings;
  const interfaces = localInterfaces(settings);
  const { os } = Deno.build;
  const families = [
    async (): Promise<Bound[]> => {
      const own = interfaces.flatMap(({ ipv4 }) => ipv4 ?? []);
      if (own.length === 0) return [];
      // Windows binds no socket to a group.
      const conn = bind(os === "windows" ? "0.0.0.0" : GROUP_V4, port);
      const joined = await Promise.allSettled(
        own.map((address) => conn.joinMulticastV4(GROUP_V4, address)),
      );
      if (joined.some(({ status }) => status === "fulfilled")) {
        return [{ conn }];
      }
      conn.close();
      throw (joined[0] as PromiseRejectedResult).reason;
    },
    ...interfaces.flatMap((only) => {
      const { index, name } = only;
      return index === undefined ? [] : [async (): Promise<Bound[]> => {
        const conn = bind(
          os === "windows" ? "::" : `${GROUP_V6}%${name}`,
          port,
        );
        try {
          await conn.joinMulticastV6(GROUP_V6, index);
        } catch (error) {
          conn.close();
          throw error;
        }
        return [{ conn, only }];
      }];
    }),
  ];
  return new Sockets(
    await openEach(families, (open) => open()),
    interfaces,
  );
}

/** Asks the group by way of each interface, and hears what is sent back. */
export class AskingSockets extends Sockets {
  readonly #asking: readonly (() => Promise<void>)[];

  private constructor(
    bound: readonly Bound[],
    interfaces: readonly MulticastInterface[],
    asking: readonly (() => Promise<void>)[],
  ) {
    super(bound, interfaces);
    this.#asking = asking;
  }

  /** Opens them, one for each interface and family. */
  static async open(
    query: Uint8Array,
    settings: MulticastSettings,
  ): Promise<AskingSockets> {
    const { port = MDNS_PORT } = settings;
    const interfaces = localInterfaces(settings);
    const asking: (() => Promise<void>)[] = [];
    const places = interfaces.flatMap((only) =>
      (["ipv4", "ipv6"] as const).map((family) => ({ only, family }))
    );
    const bound = await openEach(places, ({ only, family }) => {
      // Of IPv6 the group's zone says by which interface; none of the addresses
      // need be ready yet.
      const address = family === "ipv4" ? only.ipv4 : only.index && "::";
      if (!address) return Promise.resolve([]);
      const conn = Deno.listenDatagram({
        transport: "udp",
        hostname: address,
        port: 0,
      });
      asking.push(() => send(conn, query, groupAt(only, family, port)));
      return Promise.resolve([{ conn, only }]);
    });
    return new AskingSockets(bound, interfaces, asking);
  }

  /** Asks once. */
  async ask(): Promise<void> {
    await Promise.all(this.#asking.map((ask) => ask()));
  }
}

/**
 * Tells the group something by way of each interface.
 *
 * The sockets have the port of multicast DNS, as answers must, and are open for
 * this alone: what others send to that port of this machine is not for us.
 */
export async function tellGroup(
  makeBytes: (by: MulticastInterface) => Uint8Array,
  settings: MulticastSettings,
): Promise<void> {
  const { port = MDNS_PORT } = settings;
  await Promise.all(
    localInterfaces(settings).flatMap((by) =>
      (["ipv4", "ipv6"] as const).map(async (family) => {
        const own = family === "ipv4" ? by.ipv4 ?? [] : by.ipv6;
        const conn = bindFirst([own].flat(), port);
        // Another program has the port for itself: who asks is still answered.
        if (conn === undefined) return;
        await send(conn, makeBytes(by), groupAt(by, family, port));
        conn.close();
      })
    ),
  );
}

/** Binds the first address that can be bound. */
function bindFirst(
  addresses: readonly string[],
  port: number,
): Deno.DatagramConn | undefined {
  for (const address of addresses) {
    try {
      return bind(address, port);
    } catch {
      // It is not ready, or taken: the next one.
    }
  }
  return undefined;
}
