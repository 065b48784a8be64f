/** The flags of `store`. */

import { runProgram, sourceProgram, words } from "../../scripts/program.ts";
import {
  effect,
  type FlagEffect,
  type FlagEffects,
  seenWith,
} from "./flag_effect.ts";
import { threads } from "./flag_effects.ts";
import type { Place } from "./place.ts";
import { Skipped } from "./row.ts";

/** A store with two files, and the references of both. */
async function stored(place: Place): Promise<[string, string, string]> {
  const store = place.at("collected");
  const refs: string[] = [];
  for (const name of ["one", "two"]) {
    const path = await place.write(name, name);
    const { stdout } = await place.run`send-blob ${path} --store ${store}`;
    refs.push(JSON.parse(stdout).blob_ref);
  }
  return [store, refs[0], refs[1]];
}

/** What a collection that keeps one of two files says. */
async function collect(
  place: Place,
  more: readonly string[],
): Promise<string> {
  const [store, kept] = await stored(place);
  return (await place.run`store gc ${store} --keep ${kept} ${more}`).stdout;
}

type Copying = "export" | "import";

/** A command line that copies chunks to a new place, and where they lie. */
async function copying(
  place: Place,
  verb: Copying,
  name = "copy",
): Promise<{ line: string[]; ref: string }> {
  const [store, ref] = await stored(place);
  const to = place.at(name);
  if (verb === "export") {
    return { line: words`store export ${store} ${to}`, ref };
  }
  const plain = place.at("plain");
  await place.run`store export ${store} ${plain}`;
  return { line: words`store import ${to} ${plain}`, ref };
}

/** How many chunks are opened before the first is written. */
async function openedAtOnce(
  place: Place,
  verb: Copying,
  jobs: string,
): Promise<number> {
  const large = place.at("many");
  await Deno.writeFile(
    large,
    Uint8Array.from({ length: 16 * 2 ** 20 }, (_, i) => i >> 22),
  );
  const store = place.at("large");
  const { stdout } = await place.run`send-blob ${large} --store ${store}`;
  const { blob_ref } = JSON.parse(stdout);
  const plain = place.at("plain");
  await place.run`store export ${store} ${plain}`;
  const to = place.at(`${verb}${jobs}`);
  const [first, second] = verb === "export" ? [store, to] : [to, plain];
  const log = place.at("opened");
  const tracer = words`strace -f -qq -e trace=openat,open -o ${log}`;
  const line = words`store ${verb} ${first} ${second} --ref ${blob_ref}
    --jobs ${jobs}`;
  await runProgram([...tracer, ...sourceProgram()], line).catch((error) => {
    throw new Skipped(`strace does not work here: ${error}`);
  });
  const from = verb === "export" ? `${store}/dataforts/blob` : `${plain}/blob`;
  const opened = new Set<string>();
  for (const call of (await Deno.readTextFile(log)).split("\n")) {
    const [, path = ""] = /"([^"]*)"/.exec(call) ?? [];
    if (path.startsWith(to) && call.includes("O_CREAT")) break;
    const isContent = verb === "import" || path.endsWith("/dat");
    if (path.startsWith(from) && isContent) opened.add(path);
  }
  return opened.size;
}

/** The flags of verbs that copy chunks. */
function copies(verb: Copying): FlagEffects {
  return {
    [`store ${verb} --ref`]: seenWith(
      "what it does not need is not copied",
      ["--ref"],
      async (place, more) => {
        const { line, ref } = await copying(place, verb, `copy${more.length}`);
        const named = more.length > 0 ? [...more, ref] : [];
        const { stdout } = await place.run`${line} ${named}`;
        return JSON.parse(stdout).chunks_copied;
      },
    ),
    [`store ${verb} --jobs`]: effect(
      "so many chunks are under way before the first is written",
      async (place) => [
        await openedAtOnce(place, verb, "1"),
        await openedAtOnce(place, verb, "3"),
      ],
    ),
    [`store ${verb} --progress`]: seenWith(
      "events are told on stderr",
      ["--progress", "json"],
      async (place, more) => {
        const { line } = await copying(place, verb, `copy${more.length}`);
        return (await place.run`${line} ${more}`).stderr !== "";
      },
    ),
    [`store ${verb} --trust-parent`]: seenWith(
      "it writes where everybody could redirect it",
      ["--trust-parent"],
      async (place, more) => {
        await Deno.mkdir(place.at("open"), { recursive: true });
        await Deno.chmod(place.at("open"), 0o777);
        const { line } = await copying(place, verb, "open/copy");
        return (await place.run`${line} ${more}`).code;
      },
    ),
  };
}

/** A file of several chunks and its reference. */
function published(place: Place): [string, string] {
  return [place.source("large.bin"), place.refs.large];
}

/** A tree, its reference, and a store that has both. */
async function staged(place: Place): Promise<[string, string, string]> {
  const tree = place.at("staged");
  await Deno.mkdir(tree, { recursive: true });
  await place.write("staged/file", "file");
  await Deno.symlink("file", place.at("staged", "link")).catch((error) => {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  });
  const store = place.at("staging");
  const { stdout } = await place.run`send-dir ${tree} --store ${store}`;
  return [tree, JSON.parse(stdout).remote_ref, store];
}

/** What `verify` says of a tree that was changed a little. */
function verified(
  how: string,
  flags: readonly string[],
  change: (tree: string) => Promise<unknown>,
): FlagEffect {
  return seenWith(how, flags, async (place, more) => {
    const [tree, ref, store] = await staged(place);
    await change(tree);
    const run = await place.run`verify ${ref} ${tree} --store ${store} ${more}`;
    return run.code;
  });
}

const VERIFY_FLAG_EFFECTS: FlagEffects = {
  "verify --store": seenWith(
    "it tells which entries differ",
    ["--store"],
    async (place, more) => {
      const [tree, ref, store] = await staged(place);
      await place.write("staged/file", "FILE");
      const from = more.length > 0 ? [...more, store] : [];
      const { stdout } = await place.run`verify ${ref} ${tree} ${from}`;
      return JSON.parse(stdout).entries;
    },
  ),
  "verify --manifest": seenWith(
    "it tells which entries differ",
    ["--manifest"],
    async (place, more) => {
      const [tree, ref, store] = await staged(place);
      const plain = place.at("manifests");
      await place.run`store export ${store} ${plain}`;
      await place.write("staged/file", "FILE");
      // A small manifest is one chunk, whose hash its reference has.
      const file = `${plain}/blob/${ref.slice(10, 74)}`;
      const from = more.length > 0 ? [...more, file] : [];
      const { stdout } = await place.run`verify ${ref} ${tree} ${from}`;
      return JSON.parse(stdout).entries;
    },
  ),
  "verify --links": verified(
    "a tree without its links is right",
    ["--links", "skip"],
    (tree) => Deno.remove(`${tree}/link`),
  ),
  "verify --no-perms": verified(
    "a file of another mode is right",
    ["--no-perms"],
    (tree) => Deno.chmod(`${tree}/file`, 0o640),
  ),
  "verify --preserve-setid": seenWith(
    "a file that lost its set-user-id bit is not right",
    ["--preserve-setid"],
    async (place, more) => {
      const [tree, , store] = await staged(place);
      await Deno.chmod(`${tree}/file`, 0o4755);
      const sent = await place.run`send-dir ${tree} --store ${store}`;
      const ref = JSON.parse(sent.stdout).remote_ref;
      await Deno.chmod(`${tree}/file`, 0o755);
      const run = await place
        .run`verify ${ref} ${tree} --store ${store} ${more}`;
      return run.code;
    },
  ),
  "verify --hash-cache": seenWith(
    "a cache is looked for",
    ["--hash-cache"],
    async (place, more) => {
      const [path, ref] = published(place);
      const env = { XDG_CACHE_HOME: await place.write("no-directory", "") };
      const args = words`verify ${ref} ${path} -v ${more}`;
      return (await place.runWith({ env }, ...args)).stderr;
    },
  ),
  "verify --jobs": threads(async (place, tracer, jobs) => {
    const big = place.at("big");
    await Deno.writeFile(big, new Uint8Array(48 * 2 ** 20));
    const { stdout } = await place.run`send-blob ${big}`;
    const { blob_ref } = JSON.parse(stdout);
    const args = words`verify ${blob_ref} ${big} --jobs ${jobs}`;
    return await runProgram([...tracer, ...sourceProgram()], args);
  }),
  "verify --progress": seenWith(
    "events are told on stderr",
    ["--progress", "json"],
    async (place, more) => {
      const [path, ref] = published(place);
      return (await place.run`verify ${ref} ${path} ${more}`).stderr !== "";
    },
  ),
};

export const STORE_FLAG_EFFECTS: FlagEffects = {
  ...VERIFY_FLAG_EFFECTS,
  ...copies("export"),
  ...copies("import"),
  "store ls --progress": seenWith(
    "events are told on stderr",
    ["--progress", "json"],
    async (place, more) => {
      const [store] = await stored(place);
      return (await place.run`store ls ${store} ${more}`).stderr !== "";
    },
  ),
  "store gc --keep": effect("what is named stays", async (place) => {
    const [store, one, two] = await stored(place);
    const line = words`store gc ${store} --keep-newer 0 --keep ${one}`;
    return [
      (await place.run`${line}`).stdout,
      (await place.run`${line} --keep ${two}`).stdout,
    ];
  }),
  "store gc --keep-newer": seenWith(
    "new chunks are removed, too",
    ["--keep-newer", "0"],
    collect,
  ),
  "store gc --delete": seenWith(
    "what is not needed is removed",
    ["--delete"],
    collect,
  ),
  "store gc --progress": seenWith(
    "events are told on stderr",
    ["--progress", "json"],
    async (place, more) => {
      const [store, kept] = await stored(place);
      const run = await place.run`store gc ${store} --keep ${kept} ${more}`;
      return run.stderr !== "";
    },
  ),
};
