/** What the system tells of the buffers of its sockets; only Linux does. */

/** Sizes in bytes, counts since the system was started. */
export interface SocketBuffers {
  /** What a socket gets, which the runtime cannot change. */
  readonly receiveDefault: number;
  /** What a program could ask for at most. */
  readonly receiveMax: number;
  /** Datagrams received and dropped for want of room, of all programs, if known. */
  readonly received?: number;
  readonly drops?: number;
}

/**
 * Reads a value of the table `/proc/net/snmp`: names in one line, values in the
 * next (proc(5)).
 */
export function udpCounter(table: string, name: string): number | undefined {
  const [names, values] = table.split("\n")
    .filter((line) => line.startsWith("Udp:"))
    .map((line) => line.trim().split(/\s+/));
  const at = names?.indexOf(name) ?? -1;
  const value = at < 0 ? NaN : Number(values?.[at]);
  return Number.isSafeInteger(value) ? value : undefined;
}

/** Reads all of it; fails where there is none, or the process may not. */
export async function readSocketBuffers(): Promise<SocketBuffers> {
  const core = "/proc/sys/net/core";
  const size = async (name: string) =>
    Number(await Deno.readTextFile(`${core}/${name}`));
  const table = await Deno.readTextFile("/proc/net/snmp");
  return {
    receiveDefault: await size("rmem_default"),
    receiveMax: await size("rmem_max"),
    received: udpCounter(table, "InDatagrams"),
    drops: udpCounter(table, "RcvbufErrors"),
  };
}
