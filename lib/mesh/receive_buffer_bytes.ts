import { RECEIVE_BUFFER_MAX } from "../limits.ts";
import { readSystemFile } from "../os/system_file.ts";

/** What a socket gets where the system does not tell, in bytes. */
const USUAL: Partial<Record<typeof Deno.build.os, number>> = {
  linux: 212_992,
  darwin: 786_896,
};
/** The least that any system gives, about. */
const LEAST = 65_536;

/**
 * Bytes of the receive buffer that the system gives a new socket: what Deno can
 * neither read nor change.
 *
 * @param read Reads a file of the system, if there is one.
 */
export function receiveBufferBytes(
  os: typeof Deno.build.os = Deno.build.os,
  read: (path: string) => string | undefined = readSystemFile,
): number {
  const usual = USUAL[os] ?? LEAST;
  if (os !== "linux") return usual;
  const text = read("/proc/sys/net/core/rmem_default")?.trim() ?? "";
  if (!/^\d{1,15}$/.test(text)) return usual;
  return Math.min(Number(text), RECEIVE_BUFFER_MAX);
}
