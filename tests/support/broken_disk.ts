/**
 * Processes for which the disk fails, writes are short and the clock of the wall
 * jumps: a small library, compiled when it is needed, is put before the system's.
 */

import { fromFileUrl } from "@std/path";
import type { TempDir } from "../../scripts/temp_dir.ts";

const SOURCE = fromFileUrl(new URL("./broken_disk.c", import.meta.url));

/** Numbers of the system's errors, which are those of Linux. */
const NUMBERS = {
  EACCES: 13,
  EDQUOT: 122,
  EIO: 5,
  EMFILE: 24,
  ENOSPC: 28,
  EROFS: 30,
  ESTALE: 116,
} as const;

/** What a call fails with. */
export type Fault = keyof typeof NUMBERS;
/** All of them. */
export const FAULTS = Object.keys(NUMBERS) as Fault[];

/** What happened to a process. */
export interface Faults {
  /** Calls on the directory. */
  readonly calls: number;
  /** Whether one of them failed. */
  readonly failed: boolean;
  /** Whether content may be missing because of it. */
  readonly keeps: boolean;
}

const library = await compile();

/** The obstacle to these tests. */
export const noBrokenDisks: string | undefined = library.obstacle;

async function compile(): Promise<{ path: string; obstacle?: string }> {
  if (Deno.build.os !== "linux") return { path: "", obstacle: "only on Linux" };
  const dir = await Deno.makeTempDir({ prefix: "broken_disk_" });
  globalThis.addEventListener(
    "unload",
    () => Deno.removeSync(dir, { recursive: true }),
  );
  const path = `${dir}/broken_disk.so`;
  const args = ["-O1", "-fPIC", "-shared", "-o", path, SOURCE, "-ldl"];
  try {
    const { success, stderr } = await new Deno.Command("cc", { args }).output();
    if (success) return { path };
    const [said] = new TextDecoder().decode(stderr).split("\n");
    return { path, obstacle: `cc says: ${said.replaceAll(dir, "there")}` };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return { path, obstacle: "no cc here" };
  }
}

/** What a process is told, and what it tells. */
export class BrokenDisk {
  private constructor(
    private readonly path: string,
    private readonly dir: string,
  ) {}

  /**
   * Prepares, for processes that are started then.
   *
   * @param place Where a file is kept by which they are told.
   * @param dir Calls on what lies below it count.
   */
  static async make(place: TempDir, dir: string): Promise<BrokenDisk> {
    const path = await place.write("faults", new Uint8Array(24));
    return new BrokenDisk(path, await Deno.realPath(dir));
  }

  /**
   * The environment of a process.
   *
   * @param at The call that fails; none if not given.
   * @param fault With what.
   * @param isShort Whether each write writes one half.
   */
  env(at?: number, fault: Fault = "EIO", isShort = false): Record<
    string,
    string
  > {
    this.#write(1, 0);
    this.#write(2, 0);
    return {
      LD_PRELOAD: library.path,
      FAULT_STATE: this.path,
      FAULT_DIR: this.dir,
      ...(at !== undefined && {
        FAULT_AT: String(at),
        FAULT_ERRNO: String(NUMBERS[fault]),
      }),
      ...(isShort && { FAULT_SHORT: "1" }),
    };
  }

  /** What has happened since {@linkcode BrokenDisk.env}. */
  get faults(): Faults {
    const view = new DataView(Deno.readFileSync(this.path).buffer);
    const [calls, kind] = [8, 16].map((at) =>
      Number(view.getBigInt64(at, true))
    );
    return { calls, failed: kind > 0, keeps: kind === 2 };
  }

  /** Has the clock of the wall go before or behind, from now on. */
  shiftClock(seconds: number): void {
    this.#write(0, seconds);
  }

  #write(index: number, value: number): void {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigInt64(0, BigInt(value), true);
    using file = Deno.openSync(this.path, { write: true });
    file.seekSync(8 * index, Deno.SeekMode.Start);
    file.writeSync(bytes);
  }
}
