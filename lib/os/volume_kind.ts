/** Who keeps the bytes of a file system. */

/**
 * Who keeps the bytes: this machine, another one, or a program in user space
 * (FUSE), which may do either. `unknown` where it may not be asked.
 */
export type VolumeKind = "local" | "network" | "user_space" | "unknown";

/** FUSE, also over a block device (statfs(2)). */
const USER_SPACE = 0x65735546;

/** File systems of other machines, by their numbers of statfs(2). */
const NETWORK: ReadonlySet<number> = new Set([
  0x6969, // NFS
  0x517b, // SMB
  0xff534d42, // CIFS
  0xfe534d42, // SMB2
  0x01021997, // 9p, also the drives of WSL
  0x5346414f, // AFS of OpenAFS
  0x6b414653, // AFS of the kernel
  0x73757245, // Coda
  0x00c36400, // Ceph
  0x0bd00bd0, // Lustre
  0x564c, // NCP
  0x786f4256, // shared folders of VirtualBox
  0xbacbacbc, // shared folders of VMware
]);

/**
 * The kind behind a number of statfs(2).
 *
 * @param type Linux's number of the file system; other systems number theirs
 * by the order in which they were loaded, which says nothing.
 * @param os Whose number it is.
 */
export function volumeKind(
  type: number,
  os: typeof Deno.build.os = Deno.build.os,
): VolumeKind {
  if (os !== "linux") return "unknown";
  // The C type is signed, and may be 32 bits wide.
  const number = type >>> 0;
  if (number === USER_SPACE) return "user_space";
  return NETWORK.has(number) ? "network" : "local";
}

/**
 * Whether an error of writing may come as late as `close`, whose result the
 * runtime drops.
 */
export function failsLate(kind: VolumeKind): boolean {
  return kind === "network" || kind === "user_space";
}
