/**
 * A NAT as a state machine, with the behaviours of RFC 4787: how it maps inner
 * addresses to its own ports, whose packets it lets in, and whether hosts behind
 * it reach each other by its outer address.
 */

import type { RemoteAddress } from "../packet/remote_address.ts";

/**
 * What a mapping or a filter depends on besides the inner address (RFC 4787
 * §4.1, §5): nothing, the other end's address, or its address and port.
 * A mapping by address and port is what is called symmetric.
 */
export type NatBehaviour = "endpoint" | "address" | "port";

/** All behaviours, the most open one first. */
export const NAT_BEHAVIOURS: readonly NatBehaviour[] = [
  "endpoint",
  "address",
  "port",
];

/** What a {@linkcode Nat} is like. */
export interface NatOptions {
  /** Its outer address. */
  readonly hostname: string;
  /** What its mappings depend on. */
  readonly mapping: NatBehaviour;
  /** Whose packets a mapping lets in. */
  readonly filtering: NatBehaviour;
  /** Whether hosts behind it reach each other by its outer address. */
  readonly hairpin?: boolean;
  /** Mappings without a packet for so long are forgotten. @default {never} */
  readonly lifetimeMs?: number;
}

interface Mapping {
  readonly inside: RemoteAddress;
  readonly port: number;
  readonly sentTo: Set<string>;
  usedAt: number;
}

function keyOf({ hostname, port }: RemoteAddress, by: NatBehaviour): string {
  if (by === "endpoint") return "";
  return by === "address" ? hostname : `${hostname} ${port}`;
}

/** One NAT. */
export class Nat {
  readonly options: NatOptions;
  readonly #byKey = new Map<string, Mapping>();
  readonly #byPort = new Map<number, Mapping>();
  #nextPort = 40_000;

  constructor(options: NatOptions) {
    this.options = options;
  }

  /** A packet leaves; gives the address that it leaves with. */
  out(now: number, inside: RemoteAddress, to: RemoteAddress): RemoteAddress {
    const { hostname, mapping: by, filtering } = this.options;
    const key = `${inside.hostname} ${inside.port} ${keyOf(to, by)}`;
    let mapping = this.#byKey.get(key);
    if (mapping === undefined || this.#isOver(now, mapping)) {
      // Far apart, so that no port follows from another one.
      this.#nextPort += 17;
      const port = this.#nextPort;
      mapping = { inside, port, sentTo: new Set(), usedAt: now };
      this.#byKey.set(key, mapping);
      this.#byPort.set(port, mapping);
    }
    mapping.usedAt = now;
    mapping.sentTo.add(keyOf(to, filtering));
    return { hostname, port: mapping.port };
  }

  /** A packet comes to a port; gives the inner address that it is for. */
  in(
    now: number,
    port: number,
    from: RemoteAddress,
  ): RemoteAddress | undefined {
    const mapping = this.#byPort.get(port);
    if (mapping === undefined || this.#isOver(now, mapping)) return undefined;
    const isExpected = mapping.sentTo.has(keyOf(from, this.options.filtering));
    return isExpected ? mapping.inside : undefined;
  }

  /** It was restarted: no mapping is left, and none comes again. */
  restart(): void {
    this.#byKey.clear();
    this.#byPort.clear();
  }

  #isOver(now: number, { usedAt }: Mapping): boolean {
    return now - usedAt > (this.options.lifetimeMs ?? Infinity);
  }
}

/** A host of a {@linkcode NatNetwork}. */
export interface NatHost {
  /** Where it is, as it sees itself. */
  readonly address: RemoteAddress;
  /** What it is behind. @default {nothing} */
  readonly nat?: Nat;
}

/** Hosts, some of them behind NATs, and how packets get from one to another. */
export class NatNetwork {
  readonly #hosts: readonly NatHost[];

  constructor(hosts: readonly NatHost[]) {
    this.#hosts = hosts;
  }

  /**
   * Sends a packet.
   *
   * @returns Who gets it, and from where it seems to come; `undefined` when
   * nobody does.
   */
  route(
    now: number,
    from: NatHost,
    to: RemoteAddress,
  ): { host: NatHost; from: RemoteAddress } | undefined {
    const near = this.#hosts.find(({ address, nat }) =>
      nat === from.nat && address.hostname === to.hostname
    );
    if (near !== undefined) {
      return near.address.port === to.port
        ? { host: near, from: from.address }
        : undefined;
    }
    const source = from.nat?.out(now, from.address, to) ?? from.address;
    const nat = this.#hosts.find(({ nat }) =>
      nat?.options.hostname === to.hostname
    )?.nat;
    if (nat === undefined) {
      const host = this.#hosts.find(({ address, nat }) =>
        nat === undefined && address.hostname === to.hostname &&
        address.port === to.port
      );
      return host && { host, from: source };
    }
    if (nat === from.nat && !nat.options.hairpin) return undefined;
    const inside = nat.in(now, to.port, source);
    const host = this.#hosts.find((host) =>
      host.nat === nat && host.address.hostname === inside?.hostname &&
      host.address.port === inside.port
    );
    return host && { host, from: source };
  }
}
