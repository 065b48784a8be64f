/**
 * A relay in the middle of two hosts, each behind a router that translates
 * addresses, in network namespaces.
 */

import { randomToken } from "../../lib/os/random_token.ts";
import { type Program, runProgram } from "../../scripts/program.ts";

/** A fetcher and a holder behind routers, and the relay between these. */
export type NatHost =
  | "fetcher"
  | "nearRouter"
  | "relay"
  | "farRouter"
  | "holder";

const HOSTS: readonly NatHost[] = [
  "fetcher",
  "nearRouter",
  "relay",
  "farRouter",
  "holder",
];

/** The links from one host to the next: network, and the ends in it. */
const LINKS = [
  { net: "10.77.1", ends: [2, 1] },
  { net: "198.18.10", ends: [2, 1] },
  { net: "198.18.20", ends: [1, 2] },
  { net: "10.77.2", ends: [1, 2] },
] as const;

/** The same links under IPv6, which no router translates. */
const ipv6Of = (link: number, end: number) => `fd00:77:${link + 1}::${end + 1}`;

/** What hosts are to be like. */
export interface NatHostsOptions {
  /** Whether both routers use another port for each destination. */
  readonly symmetric?: boolean;
  /** Whether there is IPv6 besides, in which the relay does not listen. */
  readonly ipv6?: boolean;
}

/** Where all reach the relay. */
export const RELAY_ADDRESS = "198.18.10.1";

/**
 * What a router does. Packets for the router itself are dropped, as they are
 * where nothing listens to the outside: else the system would take the port of
 * an unexpected packet for used.
 */
const rulesOf = (device: string, symmetric: boolean) => `
table ip nat {
  chain post {
    type nat hook postrouting priority 100
    oifname "${device}" masquerade${symmetric ? " random,fully-random" : ""}
  }
}
table ip f {
  chain input {
    type filter hook input priority 0
    iifname "${device}" drop
  }
}
`;

/** Drops whatever goes from one router to the other one. */
const NO_WAY = `
table ip f {
  chain forward {
    type filter hook forward priority 0
    drop
  }
}
`;

/** The hosts. */
export class NatHosts implements AsyncDisposable {
  readonly #token = randomToken().slice(0, 8);

  private constructor() {}

  /**
   * Makes the hosts and joins them.
   *
   * @throws {Error} When the system does not let us.
   */
  static async connect(options: NatHostsOptions = {}): Promise<NatHosts> {
    const hosts = new NatHosts();
    try {
      await hosts.#connect(options.symmetric === true);
      if (options.ipv6) await hosts.#addIpv6();
      return hosts;
    } catch (error) {
      await hosts[Symbol.asyncDispose]();
      throw error;
    }
  }

  async #connect(symmetric: boolean): Promise<void> {
    for (const host of HOSTS) {
      await run(["ip", "netns", "add", this.#name(host)]);
      await this.#ip(host, "link set lo up");
    }
    for (const [i, { net, ends }] of LINKS.entries()) {
      const [near, far] = [HOSTS[i], HOSTS[i + 1]];
      await run([
        ...`ip link add v${i} netns ${
          this.#name(near)
        } type veth peer name v${i} netns ${this.#name(far)}`.split(" "),
      ]);
      for (const [end, host] of [near, far].entries()) {
        await this.#ip(host, `addr add ${net}.${ends[end]}/24 dev v${i}`);
        await this.#ip(host, `link set v${i} up`);
      }
    }
    for (
      const [host, way] of [
        ["fetcher", "10.77.1.1"],
        ["nearRouter", RELAY_ADDRESS],
        ["farRouter", "198.18.20.1"],
        ["holder", "10.77.2.1"],
      ] as const
    ) await this.#ip(host, `route add default via ${way}`);
    for (const host of HOSTS.slice(1, 4)) {
      await this.run(host, [
        ...["sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward"],
      ]);
    }
    await this.#rules("nearRouter", rulesOf("v1", symmetric));
    await this.#rules("farRouter", rulesOf("v2", symmetric));
  }

  async #addIpv6(): Promise<void> {
    for (const link of LINKS.keys()) {
      for (const [end, host] of [HOSTS[link], HOSTS[link + 1]].entries()) {
        const address = ipv6Of(link, end);
        await this.#ip(host, `addr add ${address}/64 dev v${link} nodad`);
      }
    }
    for (const host of HOSTS.slice(1, 4)) {
      await this.run(host, [
        ...["sh", "-c", "echo 1 > /proc/sys/net/ipv6/conf/all/forwarding"],
      ]);
    }
    for (
      const [host, route] of [
        ["fetcher", `default via ${ipv6Of(0, 1)}`],
        ["nearRouter", `default via ${ipv6Of(1, 1)}`],
        ["relay", `fd00:77:1::/64 via ${ipv6Of(1, 0)}`],
        ["relay", `fd00:77:4::/64 via ${ipv6Of(2, 1)}`],
        ["farRouter", `default via ${ipv6Of(2, 0)}`],
        ["holder", `default via ${ipv6Of(3, 0)}`],
      ] as const
    ) await this.#ip(host, `-6 route add ${route}`);
  }

  /** Leaves no way between the two routers but by the relay. */
  cut(): Promise<void> {
    return this.#rules("relay", NO_WAY);
  }

  /** Packets that have gone from one router to the other one. */
  async forwarded(): Promise<number> {
    const tables = await this.run("relay", ["cat", "/proc/net/snmp"]);
    const [names, values] = tables.split("\n")
      .filter((line) => line.startsWith("Ip:"))
      .map((line) => line.split(" "));
    return Number(values[names.indexOf("ForwDatagrams")]);
  }

  /** What runs a program on a host. */
  at(host: NatHost, program: Program): Program {
    return ["ip", "netns", "exec", this.#name(host), ...program];
  }

  /** Runs a program of the system on a host; what it prints. */
  run(host: NatHost, words: readonly string[]): Promise<string> {
    return run(this.at(host, words));
  }

  async #rules(host: NatHost, rules: string): Promise<void> {
    await this.run(host, ["sh", "-c", `nft -f - <<'END'\n${rules}\nEND`]);
  }

  async #ip(host: NatHost, command: string): Promise<void> {
    await run(["ip", "-n", this.#name(host), ...command.split(" ")]);
  }

  #name(host: NatHost): string {
    return `nt-${host}-${this.#token}`;
  }

  /** Takes everything away, however much of it is there. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const host of HOSTS) {
      await run(["ip", "netns", "del", this.#name(host)]).catch(() => {});
    }
  }
}

async function run(words: readonly string[]): Promise<string> {
  const [name, ...args] = words;
  const { code, stdout, stderr } = await runProgram([name], args);
  if (code !== 0) throw new Error(`${words.join(" ")}: ${stderr}`);
  return stdout;
}

/** Why there can be no such hosts here, if so. */
export async function noNats(): Promise<string | undefined> {
  if (Deno.build.os !== "linux") return "network namespaces are Linux's";
  if (Deno.uid() !== 0) return "only root makes network namespaces";
  try {
    await using _hosts = await NatHosts.connect();
    return undefined;
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    return `no network namespaces with NATs: ${said.split("\n")[0]}`;
  }
}
