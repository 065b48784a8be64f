/** Hosts of their own for tests: network namespaces that only cables join. */

import { randomToken } from "../../lib/os/random_token.ts";
import type { Program } from "../../scripts/program.ts";

/** One of the two families of addresses. */
export type Family = "IPv4" | "IPv6";
/** A host: two ends, and the router between them where there is one. */
export type Host = "holder" | "router" | "fetcher";

/** Addresses from ranges that are nobody's: the holder's link and the fetcher's. */
const LINKS = {
  IPv4: [
    { prefix: 30, ends: ["198.18.0.1", "198.18.0.2"] },
    { prefix: 30, ends: ["198.18.0.5", "198.18.0.6"] },
  ],
  IPv6: [
    { prefix: 126, ends: ["fd00:6e74::1", "fd00:6e74::2"] },
    { prefix: 126, ends: ["fd00:6e74::5", "fd00:6e74::6"] },
  ],
} as const;

const ETHERNET = 1500;

/** What a {@linkcode Cable} is to be like. */
export interface CableOptions {
  /** Bytes of the longest packet, on the link of the holder. @default {1500} */
  readonly mtu?: number;
  /**
   * Bytes of the longest packet that a router in the middle passes on; the
   * fetcher behind it knows of no such limit. @default {there is no router}
   */
  readonly mtuBehindRouter?: number;
}

/** Two hosts that only a cable joins, or two cables and a router. */
export class Cable implements AsyncDisposable {
  readonly #names: Record<Host, string>;
  readonly #hosts: Host[];

  private constructor(private readonly options: CableOptions) {
    // Tests run side by side, also in one process.
    const token = randomToken().slice(0, 8);
    const name = (end: string) => `nt-${end}-${token}`;
    this.#names = { holder: name("h"), router: name("r"), fetcher: name("f") };
    this.#hosts = options.mtuBehindRouter === undefined
      ? ["holder", "fetcher"]
      : ["holder", "router", "fetcher"];
  }

  /**
   * Makes the hosts and joins them.
   *
   * @throws {Error} When the system does not let us.
   */
  static async connect(options: CableOptions = {}): Promise<Cable> {
    const cable = new Cable(options);
    try {
      await cable.#connect();
      return cable;
    } catch (error) {
      await cable[Symbol.asyncDispose]();
      throw error;
    }
  }

  async #connect(): Promise<void> {
    for (const host of this.#hosts) {
      await run(`ip netns add ${this.#names[host]}`);
      await this.#ip(host, "link set lo up");
    }
    const { mtu = ETHERNET, mtuBehindRouter = 0 } = this.options;
    const mtus = [[mtu, mtu], [mtuBehindRouter, ETHERNET]];
    for (let link = 0; link < this.#hosts.length - 1; link++) {
      const [near, far] = [this.#hosts[link], this.#hosts[link + 1]];
      await run(
        `ip link add v${link} mtu ${mtus[link][0]} netns ${this.#names[near]}
          type veth peer name v${link} mtu ${mtus[link][1]}
          netns ${this.#names[far]}`,
      );
      await this.#address(near, link, 0);
      await this.#address(far, link, 1);
    }
    if (this.#hosts.length > 2) await this.#route();
  }

  async #address(host: Host, link: number, end: number): Promise<void> {
    for (const family of ["IPv4", "IPv6"] as const) {
      const { prefix, ends } = LINKS[family][link];
      const nodad = family === "IPv6" ? " nodad" : "";
      await this.#ip(
        host,
        `addr add ${ends[end]}/${prefix} dev v${link}${nodad}`,
      );
    }
    const linkLocal = linkLocalAddress(link, end);
    await this.#ip(host, `addr add ${linkLocal}/64 dev v${link} nodad`);
    await this.#ip(host, `link set v${link} up`);
  }

  async #route(): Promise<void> {
    for (const family of ["IPv4", "IPv6"] as const) {
      const [holders, fetchers] = LINKS[family];
      const version = family === "IPv6" ? "-6 " : "";
      for (
        const [host, router] of [
          ["holder", holders.ends[1]],
          ["fetcher", fetchers.ends[0]],
        ] as const
      ) await this.#ip(host, `${version}route add default via ${router}`);
    }
    for (const path of ["ipv4/ip_forward", "ipv6/conf/all/forwarding"]) {
      await this.run("router", [
        ...["sh", "-c", `echo 1 > /proc/sys/net/${path}`],
      ]);
    }
  }

  /** The address of one of the ends. */
  address(host: "holder" | "fetcher", family: Family): string {
    const links = LINKS[family];
    return host === "holder"
      ? links[0].ends[0]
      : links[this.#hosts.length - 2].ends[1];
  }

  /** The link-local addresses of the fetcher's link: that of the fetcher last. */
  get linkLocal(): {
    readonly device: string;
    readonly ends: [string, string];
  } {
    const link = this.#hosts.length - 2;
    return {
      device: `v${link}`,
      ends: [linkLocalAddress(link, 0), linkLocalAddress(link, 1)],
    };
  }

  /** The addresses of the router, as the fetcher and as the holder see it. */
  routerAddresses(family: Family): { readonly near: string; far: string } {
    const [holders, fetchers] = LINKS[family];
    return { near: fetchers.ends[0], far: holders.ends[1] };
  }

  /** What runs a program on a host. */
  at(host: Host, program: Program): Program {
    return ["ip", "netns", "exec", this.#names[host], ...program];
  }

  /** Runs a program of the system on a host; what it prints. */
  run(host: Host, words: readonly string[]): Promise<string> {
    return run(this.at(host, words));
  }

  /** Changes the longest packet of the holder's link, at both ends. */
  async setMtu(mtu: number): Promise<void> {
    for (const host of this.#hosts.slice(0, 2)) {
      await this.#ip(host, `link set v0 mtu ${mtu}`);
    }
  }

  /** Fragments made and put together on all hosts so far. */
  fragments(): Promise<number> {
    return this.#count(/^(?:Frag|Reasm)/, /^Ip6(?:Frag|Reasm)/, "Ip");
  }

  /** Datagrams that programs on a host have sent so far. */
  datagrams(host: Host): Promise<number> {
    return this.#count(/^OutDatagrams$/, /^Udp6OutDatagrams$/, "Udp", [host]);
  }

  async #count(
    ipv4: RegExp,
    ipv6: RegExp,
    table: string,
    hosts = this.#hosts,
  ): Promise<number> {
    let sum = 0;
    for (const host of hosts) {
      const tables = await this.run(host, ["cat", "/proc/net/snmp"]);
      const [names, values] = tables.split("\n")
        .filter((line) => line.startsWith(`${table}:`))
        .map((line) => line.split(" "));
      names.forEach((name, i) => {
        // Packets that were too long to be forwarded are no fragments.
        if (ipv4.test(name) && !name.endsWith("Fails")) {
          sum += Number(values[i]);
        }
      });
      const rows = await this.run(host, ["cat", "/proc/net/snmp6"]);
      for (const row of rows.split("\n")) {
        const [name, count] = row.split(/\s+/);
        if (ipv6.test(name) && !name.endsWith("Fails")) sum += Number(count);
      }
    }
    return sum;
  }

  #ip(host: Host, command: string): Promise<string> {
    return run(`ip -n ${this.#names[host]} ${command}`);
  }

  /** Takes everything away, however much of it is there. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const host of this.#hosts) {
      await run(`ip netns del ${this.#names[host]}`).catch(() => {});
    }
  }
}

function linkLocalAddress(link: number, end: number): string {
  return `fe80::6e74:${link + 1}:${end + 1}`;
}

/** Why no cable can be laid here, if so. */
export async function noCables(): Promise<string | undefined> {
  if (Deno.build.os !== "linux") return "network namespaces are Linux's";
  if (Deno.uid() !== 0) return "only root makes network namespaces";
  try {
    await using _cable = await Cable.connect();
    return undefined;
  } catch (error) {
    return `no network namespaces here: ${error}`;
  }
}

async function run(words: string | readonly string[]): Promise<string> {
  const [command, ...args] = typeof words === "string"
    ? words.split(/\s+/)
    : words;
  const { success, stdout, stderr } = await new Deno.Command(command, { args })
    .output();
  if (success) return new TextDecoder().decode(stdout);
  throw new Error(
    `${command} ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`,
  );
}
