import { isIpv6, type SocketAddress } from "./address.ts";
import { readSystemFile } from "../os/system_file.ts";

/** Fields of a row of `/proc/net/udp` that count here. */
const LOCAL_ADDRESS = 1;
const DROPS = 12;

/**
 * Datagrams for one of our sockets that the system has dropped since it was
 * opened, nearly always because its receive buffer was full.
 *
 * Read from the kernel's table (proc(5), `/proc/net/udp`), where the system has
 * one and the sandbox lets it be read.
 *
 * @param local What the socket is bound to.
 * @returns `undefined` where nothing can be known.
 */
export function socketDrops(local: SocketAddress): number | undefined {
  const path = isIpv6(local.hostname) ? "/proc/net/udp6" : "/proc/net/udp";
  const table = readSystemFile(path);
  return table === undefined ? undefined : dropsIn(table, local.port);
}

/**
 * Adds up the drops of the sockets with a port in a table of the kernel.
 *
 * @returns `undefined` when there is none.
 */
export function dropsIn(table: string, port: number): number | undefined {
  const ours = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  let drops: number | undefined;
  for (const row of table.split("\n").slice(1)) {
    const fields = row.trim().split(/\s+/);
    if (!fields[LOCAL_ADDRESS]?.endsWith(ours)) continue;
    const count = Number(fields[DROPS]);
    if (Number.isInteger(count)) drops = (drops ?? 0) + count;
  }
  return drops;
}
