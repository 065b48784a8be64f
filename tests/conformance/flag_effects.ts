/**
 * The flags that verbs have of their own. A new one needs an entry here, or the
 * test beside fails.
 *
 * @module
 */

import { join } from "@std/path";
import {
  HolderProcess,
  runProgram,
  sourceProgram,
} from "../../scripts/holder_process.ts";
import {
  codes,
  effect,
  type FlagEffect,
  type Seen,
  tested,
} from "./flag_effect.ts";
import {
  names,
  type Place,
  recvBlob,
  recvDir,
  sizeOf,
  Skipped,
} from "./row.ts";

const SERVE = "e2e/cli_serve_flags_test.ts";
const RPC = "e2e/cli_rpc_test.ts";
const RELAY = "e2e/cli_relay_test.ts";
const FILTER = ["include", "exclude", "exclude-from"];

/** Calls of fsync that a fetch makes, with and without a flag. */
async function fsyncs(
  place: Place,
  verb: "recv-blob" | "recv-dir",
  flag: string,
): Promise<Seen> {
  const log = join(place.dir, "calls");
  const what = verb === "recv-blob"
    ? ["--blob-ref", place.refs.small]
    : ["--remote-ref", place.refs.tree];
  const calls = async (...more: string[]) => {
    const { code, stderr } = await place.shell(
      `exec strace -f -y -qq -e trace=fsync,fdatasync -o '${log}' "$@"`,
      ...[verb, ...what, "--out", join(place.dir, "out")],
      ...[...place.holder.attach(), ...more],
    );
    if (code !== 0) throw new Skipped(`strace does not work here: ${stderr}`);
    // The runtime flushes caches of its own.
    return (await Deno.readTextFile(log)).includes(`<${place.dir}`);
  };
  return [await calls(), await calls(flag)];
}

/** What `serve` with some flags says when it is ready, or its failure. */
async function ready<T>(
  place: Place,
  args: readonly string[],
  look: (holder: HolderProcess) => T | Promise<T>,
  listen?: string,
): Promise<T> {
  const keys = await Deno.makeTempDir({ dir: place.dir });
  const file = join(place.sources, "small.bin");
  await using holder = await HolderProcess.start(
    [file, ...args],
    { keys, ...(listen === undefined ? {} : { listen }) },
  );
  return await look(holder);
}

/** Whether a holder with some flags can be attached to with a key. */
function attachesWith(
  place: Place,
  args: readonly string[],
  key: string,
): Promise<number> {
  return ready(place, args, async (holder) => {
    const { code } = await place.run(
      ...["recv-blob", "--blob-ref", place.refs.small, "--out", "-"],
      ...[...holder.attach(["--psk-hex", key]), "--connect-timeout", "500ms"],
    );
    return code;
  });
}

const KEY = "ab".repeat(32);

async function keyFile(place: Place, mode: number): Promise<string> {
  const path = join(place.dir, `key-${mode}`);
  await Deno.writeTextFile(path, KEY, { mode });
  return path;
}

/** How many threads of ours a command starts. */
async function threads(
  place: Place,
  run: (tracer: readonly string[]) => Promise<unknown>,
): Promise<number> {
  const log = join(place.dir, "threads");
  // The program stays our child, so that a signal reaches it.
  const quiet = ["strace", "-D", "-f", "-qq"];
  await run([...quiet, "-e", "trace=prctl", "-o", log]).catch((error) => {
    throw new Skipped(`strace does not work here: ${error}`);
  });
  const names = (await Deno.readTextFile(log)).match(/"worker-\d+"/g);
  return names?.length ?? 0;
}

const JOBS = ["send-blob", "send-dir", "serve"].map((verb) =>
  effect(verb, "jobs", "as many threads hash", async (place) => {
    // Less is hashed where it is read.
    const big = join(place.dir, "big");
    await Deno.writeFile(big, new Uint8Array(32 * 2 ** 20));
    const source = verb === "send-blob" ? big : join(place.sources, "six");
    const count = (jobs: string) =>
      threads(place, async (tracer) => {
        const args = [source, "--jobs", jobs];
        const program = [...tracer, ...sourceProgram()];
        if (verb === "serve") {
          const keys = await Deno.makeTempDir({ dir: place.dir });
          await using _holder = await HolderProcess.start(args, {
            keys,
            program,
          });
        } else await runProgram(program, [verb, ...args]);
      });
    return await pair(() => count("1"), () => count("2"));
  })
);

const PUBLISHING_AND_FETCHING = [
  "send-blob",
  "send-dir",
  "recv-blob",
  "recv-dir",
] as const;

function fetching(place: Place, flag: string, ref: string): string[] {
  return [flag, ref, "--out", join(place.dir, "out"), ...place.holder.attach()];
}

/** The effects. */
export const FLAG_EFFECTS: readonly FlagEffect[] = [
  effect("recv-blob", "blob-ref", "another blob is fetched", async (place) => {
    const sizes = [];
    for (const ref of [place.refs.small, place.refs.chunkTree]) {
      await recvBlob(place, ref, "out");
      sizes.push(await sizeOf(join(place.dir, "out")));
    }
    return [sizes[0], sizes[1]];
  }),
  effect("recv-blob", "out", "another file is written", async (place) => {
    await recvBlob(place, place.refs.small, "one");
    const before = await names(place.dir);
    await recvBlob(place, place.refs.small, "two");
    return [before, await names(place.dir)];
  }),
  effect(
    "recv-blob",
    "no-fsync",
    "nothing is flushed",
    (place) => fsyncs(place, "recv-blob", "--no-fsync"),
  ),
  effect(
    "recv-blob",
    "fsync",
    "the default, said aloud: --no-fsync beside it is refused",
    (place) => {
      const args = (...more: string[]) => [
        ...["recv-blob", ...fetching(place, "--blob-ref", place.refs.small)],
        ...more,
      ];
      return codes(
        place,
        args("--no-fsync"),
        args("--no-fsync", "--fsync"),
      );
    },
  ),
  effect(
    "recv-dir",
    "fsync",
    "everything is flushed",
    (place) => fsyncs(place, "recv-dir", "--fsync"),
  ),
  effect(
    "recv-dir",
    "no-fsync",
    "the default, said aloud: --fsync beside it is refused",
    (place) => {
      const args = (...more: string[]) => [
        ...["recv-dir", ...fetching(place, "--remote-ref", place.refs.tree)],
        ...more,
      ];
      return codes(place, args("--fsync"), args("--fsync", "--no-fsync"));
    },
  ),
  effect("recv-blob", "from", "another node is asked for", async (place) => {
    const without = await recvBlob(place, place.refs.small, "out");
    const with_ = await recvBlob(
      ...[place, place.refs.small, "out", "--from", "42"] as const,
    );
    return [without.code, with_.code];
  }),
  ...tested("recv-dir", ["from"], RELAY, "a tree is fetched from a holder"),
  ...tested(
    "recv-blob",
    ["dry-run"],
    "e2e/cli_dry_run_test.ts",
    "recv-blob --dry-run tells",
  ),
  ...tested(
    "recv-dir",
    ["dry-run"],
    "e2e/cli_dry_run_test.ts",
    "recv-dir --dry-run tells",
  ),
  effect("recv-dir", "remote-ref", "another tree is fetched", async (place) => {
    const trees = [];
    for (const ref of [place.refs.oldTree, place.refs.links]) {
      await recvDir(place, ref, "out");
      trees.push(await names(join(place.dir, "out")));
    }
    return [trees[0], trees[1]];
  }),
  effect("recv-dir", "out", "another directory is made", async (place) => {
    await recvDir(place, place.refs.links, "one");
    const before = await names(place.dir);
    await recvDir(place, place.refs.links, "two");
    return [before, await names(place.dir)];
  }),
  effect(
    "recv-dir",
    "concurrency",
    "so many files are asked for before the first has come",
    async (place) => {
      const asked = async (concurrency: string) => {
        const tree = place.hostile.silentTree(4);
        await place.run(
          ...["recv-dir", "--remote-ref", tree.ref, "--timeout", "500ms"],
          ...["--out", join(place.dir, "out"), "--concurrency", concurrency],
          ...place.hostile.attach(),
        );
        return tree.asked();
      };
      return [await asked("1"), await asked("4")];
    },
  ),
  ...tested(
    "recv-dir",
    FILTER,
    "e2e/cli_recv_filter_test.ts",
    "recv-dir with patterns fetches a part",
  ),
  ...tested(
    "send-dir",
    FILTER,
    "e2e/cli_filter_test.ts",
    "send-dir with patterns publishes",
  ),
  ...["send-blob", "send-dir"].map((verb) =>
    effect(verb, "store", "a store is made", async (place) => {
      const source = join(
        place.sources,
        verb === "send-blob" ? "small.bin" : "links",
      );
      await place.run(verb, source);
      const before = await names(place.dir);
      await place.run(verb, source, "--store", join(place.dir, "store"));
      return [before, await names(place.dir)];
    })
  ),
  ...PUBLISHING_AND_FETCHING.map((verb) =>
    effect(verb, "progress", "events are told on stderr", async (place) => {
      const args = {
        "send-blob": [join(place.sources, "large.bin")],
        "send-dir": [join(place.sources, "tree")],
        "recv-blob": fetching(place, "--blob-ref", place.refs.large),
        "recv-dir": fetching(place, "--remote-ref", place.refs.tree),
      };
      const told = async (...more: string[]) =>
        (await place.run(verb, ...args[verb], ...more)).stderr.includes("{");
      return [await told(), await told("--progress", "json")];
    })
  ),
  effect("serve", "progress", "events are told on stderr", (place) => {
    const told = (...args: string[]) =>
      ready(
        place,
        args,
        async (holder) => (await holder.stop()).stderr.includes("{"),
      );
    return pair(() => told(), () => told("--progress", "json"));
  }),
  ...JOBS,
  ...tested("ls", ["all"], RPC, "a fetch that hangs is listed"),
  effect("serve", "store", "what is staged there is served", (place) => {
    const code = (...args: string[]) =>
      ready(place, args, async (holder) => {
        const { code } = await place.run(
          ...["recv-blob", "--blob-ref", place.refs.chunkTree, "--out", "-"],
          ...holder.attach(),
        );
        return code;
      });
    return pair(() => code(), () => code("--store", place.liveStore));
  }),
  effect("serve", "listen", "another address is bound", (place) => {
    const host = (listen: string) =>
      ready(place, [], ({ address }) => address.split(":")[0], listen);
    return pair(() => host("127.0.0.1:0"), () => host("127.0.0.2:0"));
  }),
  effect("serve", "identity", "another identity, another key", (place) => {
    // Each gets a new identity file.
    const key = () => ready(place, [], (holder) => holder.attach()[3]);
    return pair(key, key);
  }),
  effect(
    "serve",
    "psk-hex",
    "who has that key may attach",
    (place) =>
      pair(
        () => attachesWith(place, [], KEY),
        () => attachesWith(place, ["--psk-hex", KEY], KEY),
      ),
  ),
  effect("serve", "psk-file", "who has its key may attach", async (place) => {
    const file = await keyFile(place, 0o600);
    return await pair(
      () => attachesWith(place, [], KEY),
      () => attachesWith(place, ["--psk-file", file], KEY),
    );
  }),
  effect(
    "serve",
    "insecure-permissions",
    "a key that others can read is accepted",
    async (place) => {
      const args = ["--psk-file", await keyFile(place, 0o644)];
      const attach = (...more: string[]) =>
        attachesWith(place, [...args, ...more], KEY).catch(() => "refused");
      return await pair(
        () => attach(),
        () => attach("--insecure-permissions"),
      );
    },
  ),
  ...tested("serve", ["advertise"], SERVE, "--advertise replaces"),
  ...tested("serve", ["allow"], SERVE, "--allow, given twice"),
  ...tested("serve", ["max-connections"], SERVE, "--max-connections turns"),
  ...tested("serve", ["ready-file", "ticket-psk"], SERVE, "a ready file with"),
  ...tested(
    "serve",
    ["relay", "via"],
    RELAY,
    "a tree is fetched from a holder",
  ),
  ...tested("serve", ["upstream"], RPC, "what a cache has fetched"),
  ...tested("serve", ["admin-list"], RPC, "who owns a fetch cancels"),
  ...tested("serve", ["admin-cancel"], RPC, "a fetch that hangs is listed"),
  ...tested(
    "identity generate",
    ["out", "note", "force"],
    "e2e/cli_identity_test.ts",
    "identity generate makes a private file",
  ),
  ...["show", "fingerprint"].map((verb) =>
    effect(
      `identity ${verb}`,
      "insecure-permissions",
      "a file that others can read is accepted",
      async (place) => {
        const path = join(place.dir, "id.toml");
        await place.run("identity", "generate", "--out", path);
        await Deno.chmod(path, 0o644);
        const args = ["identity", verb, path];
        return await codes(place, args, [...args, "--insecure-permissions"]);
      },
    )
  ),
  ...tested(
    "completion",
    ["list"],
    "e2e/cli_completion_test.ts",
    "completion --list profiles",
  ),
];

/** Two observations, one after the other. */
async function pair(
  without: () => Promise<unknown>,
  with_: () => Promise<unknown>,
): Promise<Seen> {
  return [await without(), await with_()];
}
