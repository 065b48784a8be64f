/** What may have become of something that an earlier run has left. */

import type { Random } from "../../../lib/wire/testing/random.ts";
import type { TempDir } from "../../../scripts/temp_dir.ts";

/** Something that happens to a file or a directory. */
export interface Damage {
  readonly name: string;
  /** Makes it so; the path is there, and may be gone then. */
  apply(path: string, victims: Victims): void;
}

/** What lies elsewhere and must stay as it is. */
export class Victims {
  private constructor(private readonly place: TempDir) {}

  /** Makes a file and a directory with one in it. */
  static async make(place: TempDir): Promise<Victims> {
    await place.write("victims/file", "precious");
    await place.write("victims/dir/inner", "precious");
    return new Victims(place);
  }

  get file(): string {
    return this.place.at("victims", "file");
  }

  get dir(): string {
    return this.place.at("victims", "dir");
  }

  /** All about them; another name of a file is no change. */
  state(): string {
    return ["file", "dir", "dir/inner"].map((name) => {
      const path = this.place.at("victims", name);
      const { mode, uid, size, mtime, isFile } = Deno.lstatSync(path);
      const text = isFile ? Deno.readTextFileSync(path) : "";
      return [name, mode, uid, size, mtime?.getTime(), text].join(" ");
    }).concat([...Deno.readDirSync(this.dir)].map(({ name }) => name).join())
      .join("\n");
  }
}

function replace(path: string, make: (path: string) => void): void {
  Deno.removeSync(path, { recursive: true });
  make(path);
}

const rewritten = (
  name: string,
  change: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array,
): Damage => ({
  name,
  apply(path) {
    const { mode } = Deno.lstatSync(path);
    Deno.chmodSync(path, 0o600);
    Deno.writeFileSync(path, change(Deno.readFileSync(path)));
    Deno.chmodSync(path, (mode ?? 0o600) & 0o7777);
  },
});

/** Damages to the content of a file. */
function contentDamages(random: Random, length: number): Damage[] {
  const cuts = length <= 64
    ? Array.from({ length }, (_, at) => at)
    : Array.from({ length: 6 }, () => random.below(length));
  const flips = Array.from({ length: 12 }, () => random.below(length * 8));
  return [
    ...cuts.map((at) =>
      rewritten(`cut at ${at}`, (bytes) => bytes.subarray(0, at))
    ),
    ...flips.map((bit) =>
      rewritten(`bit ${bit} changed`, (bytes) => {
        bytes[bit >> 3] ^= 1 << (bit & 7);
        return bytes;
      })
    ),
    rewritten("of zeros", (bytes) => bytes.fill(0)),
    rewritten("of another version", (bytes) =>
      new TextEncoder().encode(
        new TextDecoder().decode(bytes).replaceAll(/1/g, "9"),
      )),
    rewritten("of noise", (bytes) => random.bytes(bytes.length)),
    rewritten(
      "longer",
      (bytes) => Uint8Array.from([...bytes, ...random.bytes(99)]),
    ),
    {
      name: "huge",
      apply: (path) => Deno.truncateSync(path, 2 ** 40),
    },
  ];
}

/** What may be in the place of a file or a directory. */
const REPLACED: readonly Damage[] = [
  {
    name: "a link to a file",
    apply: (path, { file }) =>
      replace(path, () => Deno.symlinkSync(file, path)),
  },
  {
    name: "a link to a directory",
    apply: (path, { dir }) => replace(path, () => Deno.symlinkSync(dir, path)),
  },
  {
    name: "a link to nothing",
    apply: (path, { dir }) =>
      replace(path, () => Deno.symlinkSync(`${dir}/planted`, path)),
  },
  {
    name: "a link to itself",
    apply: (path) => replace(path, () => Deno.symlinkSync(path, path)),
  },
  {
    name: "another name of a file",
    apply: (path, { file }) => replace(path, () => Deno.linkSync(file, path)),
  },
  {
    name: "a pipe",
    apply: (path) =>
      replace(path, () => {
        new Deno.Command("mkfifo", { args: [path] }).outputSync();
      }),
  },
  {
    name: "an empty directory",
    apply: (path) => replace(path, () => Deno.mkdirSync(path)),
  },
  {
    name: "a directory with something in it",
    apply: (path) =>
      replace(path, () => {
        Deno.mkdirSync(path);
        Deno.writeTextFileSync(`${path}/x`, "x");
      }),
  },
  {
    name: "a file",
    apply: (path) => replace(path, () => Deno.writeTextFileSync(path, "x")),
  },
];

/** Of whom it is, and who may use it. */
const ACCESS: readonly Damage[] = [
  { name: "for nobody", apply: (path) => Deno.chmodSync(path, 0) },
  { name: "for everybody", apply: (path) => Deno.chmodSync(path, 0o777) },
  ...Deno.build.os !== "windows" && Deno.uid() === 0
    ? [{
      name: "of another user",
      apply: (path: string) => Deno.chownSync(path, 65534, 65534),
    }]
    : [],
];

/**
 * All that may happen to something.
 *
 * @param path The thing as it was left.
 */
export function damagesTo(path: string, random: Random): Damage[] {
  const { isFile, size } = Deno.lstatSync(path);
  return [
    ...isFile && size > 0 ? contentDamages(random, size) : [],
    ...REPLACED,
    ...ACCESS,
  ];
}
