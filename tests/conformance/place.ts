/** Where a row works: a directory of its own, and running holders. */

import { delay } from "@std/async";
import { equals } from "@std/bytes/equals";
import { join } from "@std/path";
import { compareTrees } from "../../scripts/compare_trees.ts";
import type { HolderProcess } from "../../scripts/holder_process.ts";
import { type Finished, runProgram, words } from "../../scripts/program.ts";
import { cliCommand, type CliOptions, runCli } from "../support/cli.ts";
import { TEST_PROGRAM } from "../support/test_program.ts";
import type { HostileNode } from "./hostile_node.ts";
import type { Outcome } from "./row.ts";

/** What is being served while rows run. */
export interface Served {
  /** 204 800 bytes: one chunk. */
  readonly small: string;
  /** 10 MiB: several chunks. */
  readonly large: string;
  /** Two chunks, of which the holder has the first only. */
  readonly torn: string;
  /** Six files in nested directories. */
  readonly tree: string;
  /** The same tree as it was before. */
  readonly oldTree: string;
  /** One leaf of several chunks and a small one. */
  readonly bigLeaf: string;
  /** A link and a file. */
  readonly links: string;
  /** 200 small files in 12 directories. */
  readonly many: string;
  /** Six files of one chunk each. */
  readonly six: string;
  /** A manifest that climbs out of its target. */
  readonly escape: string;
  /** A file whose content is not held. */
  readonly hollow: string;
  /** The same beside one that is held. */
  readonly gappy: string;
  /** No manifest at all. */
  readonly notManifest: string;
  /** A manifest of version 2. */
  readonly futureManifest: string;
  /** A manifest with the same path twice. */
  readonly twice: string;
  /** A file with a name that no file system takes. */
  readonly longName: string;
  /** A file, and a link whose target no file system takes. */
  readonly longLink: string;
  /** A file with the set-user-id bit. */
  readonly setid: string;
  /** A chunk under a reference that declares one byte less. */
  readonly misdeclared: string;
  /** A chunk tree of two chunks. */
  readonly chunkTree: string;
}

/** What is there for all rows. */
export interface Shared {
  readonly refs: Served;
  readonly holder: HolderProcess;
  /** Another one, from which nothing is ever fetched. */
  readonly idle: HolderProcess;
  /** A store that the holder serves. */
  readonly liveStore: string;
  readonly hostile: HostileNode;
}

/** The node to attach to, as the reference wants it. */
export interface Four {
  readonly address: string;
  readonly publicKey: string;
  /** Decimal. */
  readonly nodeId: string;
  /** 64 hex digits. */
  readonly psk: string;
}

function fourOf(holder: HolderProcess): Four {
  const { address, id, ready: { node_pubkey: publicKey }, pskFile } = holder;
  const psk = Deno.readTextFileSync(pskFile).trim();
  return { address, publicKey, nodeId: id, psk };
}

type Line = Parameters<typeof words>;

/** A directory for one row. */
export class Place {
  readonly refs: Served;
  readonly holder: HolderProcess;
  readonly liveStore: string;
  readonly hostile: HostileNode;
  readonly #idle: HolderProcess;
  readonly #shared: Shared;
  readonly #options: CliOptions;
  /** What a command line is told as. */
  readonly #as: (args: string[]) => string[];

  /**
   * @param dir Empty at first; the one above is a home directory.
   * @param sources Where lies what was published.
   */
  constructor(
    readonly dir: string,
    readonly sources: string,
    shared: Shared,
    as: (args: string[]) => string[] = (args) => args,
  ) {
    this.#shared = shared;
    this.#as = as;
    ({
      refs: this.refs,
      holder: this.holder,
      liveStore: this.liveStore,
      hostile: this.hostile,
      idle: this.#idle,
    } = shared);
    this.#options = {
      home: join(dir, ".."),
      cwd: dir,
      env: { NO_COLOR: "1" },
    };
  }

  /** The same place, in which command lines become others. */
  with(as: (args: string[]) => string[]): Place {
    return new Place(this.dir, this.sources, this.#shared, as);
  }

  /** A path in the directory. */
  at(...names: readonly string[]): string {
    return join(this.dir, ...names);
  }

  /** The path of something that was published. */
  source(name: string): string {
    return join(this.sources, name);
  }

  /** Writes a file that is for us alone; gives its path. */
  async write(name: string, text: string, mode = 0o600): Promise<string> {
    await Deno.writeTextFile(this.at(name), text, { mode });
    return this.at(name);
  }

  /** The target `out` with one old file in it. */
  async oldTree(parent = "."): Promise<string> {
    await Deno.mkdir(this.at(parent, "out"), { recursive: true });
    await this.write(join(parent, "out", "old"), "old");
    return this.at(parent, "out");
  }

  /** Runs a command line. */
  run(...line: Line): Promise<Finished> {
    return runCli(this.#as(words(...line)), this.#options);
  }

  /** Runs a command line with variables, or with something on stdin. */
  runWith(options: CliOptions, ...args: string[]): Promise<Finished> {
    return runCli(this.#as(args), { ...this.#options, ...options });
  }

  /** Starts a command line. */
  start(...line: Line): Deno.ChildProcess {
    return cliCommand(words(...line), this.#options).spawn();
  }

  /** Runs the program as `script`, where it is `"$@"`. */
  shell(script: string, ...args: string[]): Promise<Finished> {
    return this.#shell(script, this.#as(args), false);
  }

  /** The same for a script that gives the program a terminal. */
  terminal(script: string): Promise<Finished> {
    return this.#shell(script, [], true);
  }

  #shell(
    script: string,
    args: string[],
    isTerminal: boolean,
  ): Promise<Finished> {
    const home = `XDG_CONFIG_HOME=${this.#options.home}`;
    const program = ["env", home, "sh", "-c", script, "sh", ...TEST_PROGRAM];
    return runProgram(program, args, { isTerminal });
  }

  /** What the reference attaches with, all of it. */
  get four(): Four {
    return fourOf(this.holder);
  }

  /** The four flags of the reference, ready to be used there, too. */
  attach(psk?: readonly string[]): string[] {
    return this.#attach(this.four, psk);
  }

  /** The same for the holder from which nothing is ever fetched. */
  attachIdle(): string[] {
    return this.#attach(fourOf(this.#idle));
  }

  #attach(
    { address, publicKey, nodeId, psk: key }: Four,
    psk?: readonly string[],
  ): string[] {
    return words`--node-addr ${address} --node-pubkey ${publicKey}
      --node-id ${nodeId} ${psk ?? ["--psk-hex", key]}`;
  }

  /** Fetches a blob from the holder into a file here. */
  recvBlob(ref: string, name = "out", ...more: string[]): Promise<Finished> {
    return this.run`recv-blob --blob-ref ${ref} --out ${this.at(name)}
      ${this.attach()} --output json ${more}`;
  }

  /** Fetches a tree into a directory here, which is replaced as the reference does. */
  recvDir(ref: string, name = "out", ...more: string[]): Promise<Finished> {
    return this.run`transfer recv-dir --remote-ref ${ref} --out ${this.at(name)}
      ${this.attach()} --output json ${more}`;
  }

  /** What lies in a directory here, hidden names with their random parts starred. */
  async names(...path: readonly string[]): Promise<string[]> {
    const entries = Deno.readDir(this.at(...path));
    const found = await Array.fromAsync(
      entries,
      ({ name }) => name.replace(/[0-9a-f]{16}$/, "*"),
    );
    return found.sort();
  }

  /** The size of a file here, or `null` where there is none. */
  async size(name: string): Promise<number | null> {
    return await Deno.lstat(this.at(name)).then(({ size }) => size, () => null);
  }

  /** The sizes of a target `out` and its partial file. */
  async sizes(parent = "."): Promise<Outcome> {
    const out = join(parent, "out");
    const partial = await this.size(`${out}.partial`);
    return { out: await this.size(out), partial };
  }

  /** How a directory here differs from a tree that was published. */
  async differences(source: string, name = "out"): Promise<string[]> {
    const trees = [this.source(source), this.at(name)] as const;
    return (await compareTrees(...trees)).differences;
  }

  /** The permissions of something here. */
  async mode(...path: readonly string[]): Promise<number> {
    return ((await Deno.stat(this.at(...path))).mode ?? 0) & 0o7777;
  }
}

/**
 * How long to try to attach where that may be in vain: a program that starts on a
 * busy machine takes seconds to say anything.
 */
export const HURRY: readonly string[] = ["--connect-timeout", "5s"];

/** A reference to content that nobody has. */
export const NOWHERE: string = "ab".repeat(32);

/**
 * Waits until something is the case.
 *
 * @throws {DOMException} When it is still not after a minute.
 */
export async function until(
  condition: () => boolean | Promise<boolean>,
): Promise<void> {
  const patience = AbortSignal.timeout(60_000);
  while (!await condition()) await delay(10, { signal: patience });
}

/** Whether two files hold the same bytes. */
export async function sameBytes(one: string, other: string): Promise<boolean> {
  return equals(
    ...await Promise.all([Deno.readFile(one), Deno.readFile(other)]),
  );
}
