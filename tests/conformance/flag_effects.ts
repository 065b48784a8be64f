/**
 * The flags that verbs have of their own, but for `serve`. A new one needs an
 * entry here, or the test beside fails.
 */

import { noise } from "../../scripts/make_tree.ts";
import { runProgram, sourceProgram, words } from "../../scripts/program.ts";
import {
  effect,
  type FlagEffect,
  type FlagEffects,
  seenWith,
} from "./flag_effect.ts";
import type { Place } from "./place.ts";
import { Skipped } from "./row.ts";

type Publishing = "send-blob" | "send-dir";
type Fetching = "recv-blob" | "recv-dir";

/** A command line that fetches what the holder has into `out`. */
function fetching(place: Place, verb: Fetching, out = "out"): string[] {
  const what = verb === "recv-blob"
    ? ["--blob-ref", place.refs.large]
    : ["--remote-ref", place.refs.tree];
  return words`${verb} ${what} --out ${place.at(out)} ${place.attach()}`;
}

/** A command line that publishes something of several chunks. */
function publishing(place: Place, verb: Publishing): string[] {
  return [verb, place.source(verb === "send-blob" ? "large.bin" : "six")];
}

/** Whether a fetch flushes what it wrote. */
function fsync(verb: Fetching, flag: string): FlagEffect {
  return seenWith(
    `${flag} decides what is flushed`,
    [flag],
    async (place, more) => {
      const log = place.at("calls");
      const { code, stderr } = await place.shell(
        `exec strace -f -y -qq -e trace=fsync,fdatasync -o '${log}' "$@"`,
        ...[...fetching(place, verb), ...more],
      );
      if (code !== 0) throw new Skipped(`strace does not work here: ${stderr}`);
      // The runtime flushes caches of its own.
      return (await Deno.readTextFile(log)).includes(`<${place.dir}`);
    },
  );
}

/** A flag that names the default: beside its opposite it is refused. */
function default_(verb: Fetching, flag: string, opposite: string): FlagEffect {
  return seenWith(
    `the default, said aloud: ${opposite} beside it is refused`,
    [flag],
    async (place, more) =>
      (await place.run`${fetching(place, verb)} ${opposite} ${more}`).code,
  );
}

/**
 * How many threads of ours hash in a run.
 *
 * @param run Runs the program behind a tracer.
 */
export function threads(
  run: (
    place: Place,
    tracer: readonly string[],
    jobs: string,
  ) => Promise<unknown>,
): FlagEffect {
  return effect("as many threads hash", async (place) => {
    const count = async (jobs: string) => {
      const log = place.at("threads");
      // The program stays our child, so that a signal reaches it.
      const tracer = words`strace -D -f -qq -e trace=prctl -o ${log}`;
      await run(place, tracer, jobs).catch((error) => {
        throw new Skipped(`strace does not work here: ${error}`);
      });
      return (await Deno.readTextFile(log)).match(/"worker-\d+"/g)?.length ?? 0;
    };
    return [await count("1"), await count("2")];
  });
}

/** A directory with more than is hashed where it is read. */
export async function muchToHash(place: Place): Promise<string> {
  const directory = place.at("much");
  await Deno.mkdir(directory, { recursive: true });
  for (let file = 0; file < 8; file++) {
    await Deno.writeFile(`${directory}/${file}`, noise(4 * 2 ** 20, file));
  }
  return directory;
}

/** Events on stderr, told by a command line. */
function progress(line: (place: Place) => string[]): FlagEffect {
  return seenWith(
    "events are told on stderr",
    ["--progress", "json"],
    async (place, more) =>
      (await place.run`${line(place)} ${more}`).stderr.includes("{"),
  );
}

function publishes(verb: Publishing): FlagEffects {
  return {
    [`${verb} --store`]: seenWith(
      "a store is made",
      (place) => Promise.resolve(["--store", place.at("store")]),
      async (place, more) => {
        await place.run`${publishing(place, verb)} ${more}`;
        return await place.names();
      },
    ),
    [`${verb} --progress`]: progress((place) => publishing(place, verb)),
    [`${verb} --no-hash-cache`]: seenWith(
      "no cache is looked for, so that none is missed",
      ["--no-hash-cache"],
      async (place, more) => {
        const env = { XDG_CACHE_HOME: await place.write("no-directory", "") };
        const args = [...publishing(place, verb), "-v", ...more];
        return (await place.runWith({ env }, ...args)).stderr;
      },
    ),
    [`${verb} --jobs`]: threads(async (place, tracer, jobs) => {
      const much = await muchToHash(place);
      // Less is hashed where it is read.
      const big = place.at("big");
      await Deno.writeFile(big, new Uint8Array(32 * 2 ** 20));
      const source = verb === "send-blob" ? big : much;
      // What is remembered needs no hashing.
      const args = words`${verb} ${source} --jobs ${jobs} --no-hash-cache`;
      return await runProgram([...tracer, ...sourceProgram()], args);
    }),
  };
}

function fetches(verb: Fetching): FlagEffects {
  return {
    [`${verb} --no-hash-cache`]: seenWith(
      "no cache is looked for, so that none is missed",
      ["--no-hash-cache"],
      async (place, more) => {
        const env = { XDG_CACHE_HOME: await place.write("no-directory", "") };
        const args = [...fetching(place, verb), "-v", ...more];
        const { stderr } = await place.runWith({ env }, ...args);
        return stderr.includes("hash cache");
      },
    ),
    [`${verb} --out`]: effect("another target is made", async (place) => {
      await place.run`${fetching(place, verb, "one")}`;
      const before = await place.names();
      await place.run`${fetching(place, verb, "two")}`;
      return [before, await place.names()];
    }),
    [`${verb} --dry-run`]: seenWith(
      "nothing is written",
      ["--dry-run"],
      async (place, more) => {
        const out = `out${more.length}`;
        await place.run`${fetching(place, verb, out)} ${more}`;
        return await place.size(out) !== null;
      },
    ),
    [`${verb} --from`]: seenWith(
      "another node is asked for",
      ["--from", "42"],
      async (place, more) =>
        (await place.run`${fetching(place, verb)} ${more}`).code,
    ),
    [`${verb} --progress`]: progress((place) => fetching(place, verb)),
  };
}

/** Patterns that leave out some of the files of the tree. */
export const PATTERNS: Readonly<
  Record<string, (place: Place) => Promise<readonly string[]>>
> = {
  include: () => Promise.resolve(["--include", "d/"]),
  exclude: () => Promise.resolve(["--exclude", "d/"]),
  "exclude-from": async (place) => [
    "--exclude-from",
    await place.write("../rules", "d/\n"),
  ],
};

function filters(flag: string): FlagEffects {
  return {
    [`send-dir --${flag}`]: seenWith(
      "fewer files are published",
      PATTERNS[flag],
      async (place, more) => {
        const { stdout } = await place
          .run`send-dir ${place.source("tree")} ${more}`;
        return JSON.parse(stdout).files;
      },
    ),
    [`recv-dir --${flag}`]: seenWith(
      "fewer files are fetched",
      PATTERNS[flag],
      async (place, more) => {
        const out = `out${more.length}`;
        const { stdout } = await place
          .run`${fetching(place, "recv-dir", out)} ${more}`;
        return JSON.parse(stdout).files;
      },
    ),
  };
}

/** What a fetch of one reference or another makes. */
function refs(
  verb: Fetching,
  ...names: ("small" | "chunkTree" | "oldTree" | "links")[]
) {
  return effect("something else is fetched", async (place) => {
    const recv = verb === "recv-blob" ? place.recvBlob : place.recvDir;
    const results = names.map(async (name) =>
      JSON.parse((await recv.call(place, place.refs[name], name)).stdout).bytes
    );
    const [one, other] = await Promise.all(results);
    return [one, other];
  });
}

const GENERATE = "identity generate";

/** The effects. */
export const FLAG_EFFECTS: FlagEffects = {
  "recv-dir --keep-going": seenWith(
    "the file that is held arrives without the one that is not",
    ["--keep-going"],
    async (place, more) => {
      const { code } = await place.recvDir(place.refs.gappy, "out", ...more);
      const sizes = [await place.size("out/file"), await place.size("out/gap")];
      return { code, sizes };
    },
  ),
  "recv-dir --replace": seenWith(
    "a directory that no earlier fetch made is replaced",
    ["--replace"],
    async (place, more) => {
      await place.oldTree();
      const line = fetching(place, "recv-dir");
      const { code } = await place.run`${line} ${more}`;
      return [code, await place.size("out/old")];
    },
  ),
  "recv-blob --replace": seenWith(
    "a file is replaced without a warning",
    ["--replace"],
    async (place, more) => {
      await place.write("out", "old");
      return (await place.recvBlob(place.refs.small, "out", ...more)).stderr;
    },
  ),
  ...publishes("send-blob"),
  ...publishes("send-dir"),
  ...fetches("recv-blob"),
  ...fetches("recv-dir"),
  ...filters("include"),
  ...filters("exclude"),
  ...filters("exclude-from"),
  "recv-blob --blob-ref": refs("recv-blob", "small", "chunkTree"),
  "recv-dir --remote-ref": refs("recv-dir", "oldTree", "links"),
  "recv-blob --no-fsync": fsync("recv-blob", "--no-fsync"),
  "recv-blob --fsync": default_("recv-blob", "--fsync", "--no-fsync"),
  "recv-dir --fsync": fsync("recv-dir", "--fsync"),
  "recv-dir --no-fsync": default_("recv-dir", "--no-fsync", "--fsync"),
  "recv-dir --concurrency": effect(
    "so many files are asked for before the first has come",
    async (place) => {
      const asked = async (concurrency: string) => {
        const tree = place.hostile.silentTree(4);
        await place.run`recv-dir --remote-ref ${tree.ref} --timeout 1s
          --out ${place.at("out")} --concurrency ${concurrency}
          ${place.hostile.attach()}`;
        return tree.asked();
      };
      return [await asked("1"), await asked("4")];
    },
  ),
  [`${GENERATE} --out`]: seenWith(
    "the file is where it is told to be",
    (place) => Promise.resolve(["--out", place.at("id.toml")]),
    async (place, more) => {
      await place.run`identity generate ${more}`;
      return await place.size("id.toml") !== null;
    },
  ),
  [`${GENERATE} --note`]: seenWith(
    "the note is shown",
    ["--note", "a note"],
    async (place, more) => {
      const { stdout } = await place.run`identity generate ${more}`;
      return JSON.parse(stdout).note;
    },
  ),
  [`${GENERATE} --force`]: seenWith(
    "a file that is there is replaced",
    ["--force"],
    async (place, more) => {
      const out = place.at("id.toml");
      await place.run`identity generate --out ${out}`;
      return (await place.run`identity generate --out ${out} ${more}`).code;
    },
  ),
  ...Object.fromEntries(["show", "fingerprint"].map((verb) => [
    `identity ${verb} --insecure-permissions`,
    seenWith(
      "a file that others can read is accepted",
      ["--insecure-permissions"],
      async (place, more) => {
        const path = place.at("id.toml");
        await place.run`identity generate --force --out ${path}`;
        await Deno.chmod(path, 0o644);
        return (await place.run`identity ${verb} ${path} ${more}`).code;
      },
    ),
  ])),
  "completion --list": effect("profiles are named", async (place) => [
    (await place.run`completion bash`).stdout,
    (await place.run`completion --list profiles`).stdout,
  ]),
};
