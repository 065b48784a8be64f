/** File systems of many kinds, mounted for a while: needs root and their tools. */

import { join } from "@std/path";

/** How a file system is made and mounted. */
export interface FileSystemKind {
  /** Its name in the table. */
  readonly name: string;
  /**
   * Commands of a shell that make and mount it at `$M`, with `$I` for an image
   * or a directory of its own; `$D` becomes the directory to use, if not `$M`.
   */
  readonly mount: string;
}

/**
 * Mounts the directory `$I` by sshfs. The server runs at the other end of a
 * pipe: no network is involved.
 */
export const SSHFS = `server=$(ls /usr/lib/openssh/sftp-server \\
    /usr/libexec/openssh/sftp-server 2>/dev/null | head -1)
  printf '#!/bin/sh\\nexec %s\\n' "$server" >"$I.sh"; chmod +x "$I.sh"
  sshfs -o "ssh_command=$I.sh" "host:$I" "$M"`;

/**
 * Serves the directory `$I` by NFS on a port of loopback, and mounts it by
 * `fuse-nfs` of libnfs: for kernels that have no NFS.
 */
const NFS_BY_FUSE = `mkdir "$I"; port=$((20000 + $$ % 20000))
  cat >"$I.conf" <<END
    NFS_CORE_PARAM { Protocols = 4; NFS_Port = $port; Bind_addr = 127.0.0.1;
      Enable_NLM = false; Enable_RQUOTA = false; }
    NFSV4 { Graceless = true; Only_Numeric_Owners = true; }
    EXPORT { Export_Id = 1; Path = "$I"; Pseudo = /export; Access_Type = RW;
      Squash = No_Root_Squash; SecType = sys; Transports = TCP;
      FSAL { Name = VFS; } }
END
  ganesha.nfsd -f "$I.conf" -L "$I.log" -p "$I.pid"
  for try in $(seq 100); do
    fuse-nfs -n "nfs://127.0.0.1/export?version=4&nfsport=$port" -m "$M" &&
      stat "$M" && break || sleep 0.2
  done >/dev/null 2>"$I.said"
  mountpoint -q "$M" || { cat "$I.said"; exit 1; }`;

/** The kinds, as people meet them. */
export const FILE_SYSTEMS: readonly FileSystemKind[] = [
  {
    name: "ext4",
    mount: `truncate -s 96M "$I"; mkfs.ext4 -q "$I"; mount -o loop "$I" "$M"`,
  },
  {
    name: "XFS",
    mount: `truncate -s 320M "$I"; mkfs.xfs -q "$I"; mount -o loop "$I" "$M"`,
  },
  {
    name: "btrfs",
    mount: `truncate -s 256M "$I"; mkfs.btrfs -q "$I"; mount -o loop "$I" "$M"`,
  },
  { name: "tmpfs", mount: `mount -t tmpfs none "$M"` },
  {
    name: "ext4, case-folding",
    mount: `truncate -s 96M "$I"; mkfs.ext4 -q -O casefold "$I"
      mount -o loop "$I" "$M"; mkdir "$M/cf"; chattr +F "$M/cf"; D="$M/cf"`,
  },
  {
    name: "overlayfs, lower layer",
    mount: `mkdir "$I"; mount -t tmpfs none "$I"
      mkdir -p "$I/lower/tree" "$I/upper" "$I/work"; echo old >"$I/lower/tree/f"
      options="lowerdir=$I/lower,upperdir=$I/upper,workdir=$I/work"
      mount -t overlay -o "$options" overlay "$M"`,
  },
  {
    name: "exFAT (FUSE)",
    mount: `truncate -s 96M "$I"; mkfs.exfat "$I" >/dev/null
      mount.exfat-fuse "$(losetup -f --show "$I")" "$M"`,
  },
  {
    name: "exFAT (kernel)",
    mount: `truncate -s 96M "$I"; mkfs.exfat "$I" >/dev/null
      mount -t exfat -i -o loop "$I" "$M"`,
  },
  {
    name: "vfat",
    mount: `truncate -s 96M "$I"; mkfs.vfat "$I" >/dev/null
      mount -t vfat -o loop "$I" "$M"`,
  },
  {
    name: "vfat (FUSE)",
    mount: `truncate -s 96M "$I"; mkfs.vfat "$I" >/dev/null
      fusefat -o rw+ "$I" "$M"`,
  },
  {
    name: "NTFS-3g",
    mount: `truncate -s 96M "$I"; mkfs.ntfs -q -F "$I"
      ntfs-3g "$I" "$M"`,
  },
  {
    name: "NTFS, case-folding",
    mount: `truncate -s 96M "$I"; mkfs.ntfs -q -F "$I"
      lowntfs-3g -o ignore_case "$I" "$M"`,
  },
  {
    name: "NFS 4.0 (FUSE)",
    mount: NFS_BY_FUSE,
  },
  {
    name: "NFS, this machine",
    mount: `mkdir "$I"; exportfs -o rw,no_root_squash,fsid=1 "127.0.0.1:$I"
      mount -t nfs -o vers=4 "127.0.0.1:$I" "$M"`,
  },
  {
    name: "sshfs",
    mount: `mkdir "$I"; ${SSHFS}`,
  },
];

/** A file system that is unmounted when it is disposed of. */
export class MountedFileSystem implements AsyncDisposable {
  private constructor(
    /** An empty directory on it, but for what the kind puts there. */
    readonly path: string,
    private readonly scratch: string,
    private readonly point: string,
  ) {}

  /**
   * Makes and mounts one.
   *
   * @param kind Which.
   * @param scratch An empty directory for its image.
   * @throws {Error} With what the system said, when it cannot be had here.
   */
  static async mount(
    kind: FileSystemKind,
    scratch: string,
  ): Promise<MountedFileSystem> {
    const point = join(scratch, "mounted");
    await Deno.mkdir(point);
    const script = `set -e; D="$M"; { ${kind.mount}\n} >&2; printf %s "$D"`;
    const { success, text, said } = await shell(script, scratch, point);
    const mounted = new MountedFileSystem(text, scratch, point);
    if (success) return mounted;
    await mounted[Symbol.asyncDispose]();
    throw new Error(said.trim().split("\n").at(0) ?? "it cannot be mounted");
  }

  /** Unmounts it. */
  async [Symbol.asyncDispose](): Promise<void> {
    const script = `for d in "$M" "$I"; do
        mountpoint -q "$d" && umount "$d"
      done
      exportfs -u "127.0.0.1:$I"
      [ -s "$I.pid" ] && kill "$(cat "$I.pid")"
      for loop in $(losetup -n -O NAME -j "$I"); do losetup -d "$loop"; done`;
    await shell(script, this.scratch, this.point);
  }
}

async function shell(
  script: string,
  scratch: string,
  point: string,
): Promise<{ success: boolean; text: string; said: string }> {
  const { success, stdout, stderr } = await new Deno.Command("sh", {
    args: ["-c", script],
    env: { M: point, I: join(scratch, "image") },
    stdin: "null",
  }).output();
  const [text, said] = [stdout, stderr].map((bytes) =>
    new TextDecoder().decode(bytes)
  );
  return { success, text, said };
}
