/** Several hosts on one network: namespaces that a bridge joins. */

import { randomToken } from "../../lib/os/random_token.ts";
import type { Program } from "../../scripts/program.ts";

/** Hosts with addresses of both families, which only a bridge joins. */
export class Bridge implements AsyncDisposable {
  readonly #token = randomToken().slice(0, 8);
  readonly #hosts: number;

  private constructor(hosts: number) {
    this.#hosts = hosts;
  }

  /**
   * Makes the hosts and joins them.
   *
   * @throws {Error} When the system does not let us.
   */
  static async connect(hosts: number): Promise<Bridge> {
    const bridge = new Bridge(hosts);
    try {
      await bridge.#connect();
      return bridge;
    } catch (error) {
      await bridge[Symbol.asyncDispose]();
      throw error;
    }
  }

  async #connect(): Promise<void> {
    const middle = this.#name("b");
    await run(`ip netns add ${middle}`);
    await run(`ip -n ${middle} link add br0 type bridge`);
    await run(`ip -n ${middle} link set br0 up`);
    for (let host = 0; host < this.#hosts; host++) {
      const name = this.#name(host);
      const at = `ip -n ${name}`;
      await run(`ip netns add ${name}`);
      await run(
        `ip link add v0 netns ${name} type veth peer name v${host} netns ${middle}`,
      );
      await run(`ip -n ${middle} link set v${host} master br0 up`);
      await run(`${at} link set lo up`);
      await run(`${at} addr add ${this.address(host)}/24 dev v0`);
      const ipv6 = `fe80::6e74:9:${host + 1}`;
      await run(`${at} addr add ${ipv6}/64 dev v0 nodad`);
      await run(`${at} link set v0 up`);
    }
  }

  #name(host: number | "b"): string {
    return `nt-${host}-${this.#token}`;
  }

  /** The address of IPv4 of a host, from a range that is nobody's. */
  address(host: number): string {
    return `198.18.1.${host + 1}`;
  }

  /** What runs a program on a host. */
  at(host: number, program: Program): Program {
    return ["ip", "netns", "exec", this.#name(host), ...program];
  }

  /** Takes a family of addresses away from all hosts. */
  async without(family: "IPv4" | "IPv6"): Promise<void> {
    const version = family === "IPv4" ? "-4" : "-6";
    for (let host = 0; host < this.#hosts; host++) {
      await run(`ip -n ${this.#name(host)} ${version} addr flush dev v0`);
    }
  }

  /** Takes everything away, however much of it is there. */
  async [Symbol.asyncDispose](): Promise<void> {
    const hosts = Array.from({ length: this.#hosts }, (_, host) => host);
    for (const host of [...hosts, "b"] as const) {
      await run(`ip netns del ${this.#name(host)}`).catch(() => {});
    }
  }
}

/** Why hosts cannot be bridged here, if so. */
export async function noBridges(): Promise<string | undefined> {
  if (Deno.build.os !== "linux") return "network namespaces are Linux's";
  if (Deno.uid() !== 0) return "only root makes network namespaces";
  try {
    await using _bridge = await Bridge.connect(1);
    return undefined;
  } catch (error) {
    return `no bridges here: ${error}`;
  }
}

async function run(line: string): Promise<void> {
  const [command, ...args] = line.split(/\s+/);
  const { success, stderr } = await new Deno.Command(command, { args })
    .output();
  if (!success) {
    throw new Error(`${line}: ${new TextDecoder().decode(stderr)}`);
  }
}
