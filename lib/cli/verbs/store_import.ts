/** `store import`: chunks from plain files or another store. */

import { UsageError } from "../../errors.ts";
import {
  isObjectsUrl,
  parseObjectsUrl,
  S3Store,
  shownLocation,
} from "../../objects/mod.ts";
import { lookAt } from "../../os/os_error.ts";
import { DiskStore, PlainStore } from "../../store/mod.ts";
import { fromHex } from "../../text/hex.ts";
import { defineVerb, type Verb } from "../command.ts";
import { argument } from "../framework/options/option.ts";
import { DIR, type ValueKind } from "../framework/options/value_kind.ts";
import type { Log } from "../framework/terminal/log.ts";
import { openReader } from "../node/open_objects.ts";
import { makeStore } from "../publishing/publish.ts";
import { inStage } from "../stage.ts";
import {
  COPY_OPTIONS,
  type CopySource,
  runCopy,
} from "../stores/copy_command.ts";

/** A directory, or what is behind HTTP. */
const SOURCE: ValueKind<string> = {
  ...DIR,
  metavar: "FROM",
  parse(value) {
    if (!isObjectsUrl(value)) return DIR.parse(value);
    parseObjectsUrl(value);
    return value.trim();
  },
};

/** Opens a mirror, which cannot tell what it has, or a bucket, which can. */
async function openObjects(
  url: string,
  isNamed: boolean,
  log: Log,
): Promise<CopySource> {
  const location = parseObjectsUrl(url);
  const reader = await openReader(location, log);
  if (reader instanceof S3Store) {
    return {
      has: (hash) => reader.has(hash),
      get: (hash, context) => reader.get(hash, context),
      async *hashes() {
        for await (const { hex } of reader.list()) yield fromHex(hex);
      },
      [Symbol.asyncDispose]: () => reader[Symbol.asyncDispose](),
    };
  }
  if (isNamed) return reader;
  await reader[Symbol.asyncDispose]();
  throw new UsageError("a web server cannot tell which chunks it has", {
    hint: "say with --ref what is wanted",
  });
}

/** Opens what chunks are taken from, by what lies in it. */
async function openSource(
  path: string,
  isNamed: boolean,
  log: Log,
): Promise<CopySource> {
  if (isObjectsUrl(path)) return await openObjects(path, isNamed, log);
  const onProblem = (message: string) => log.warn(message);
  const isThere = (name: string) => lookAt(`${path}/${name}`) !== undefined;
  if (isThere("dataforts/blob")) {
    return await DiskStore.open(path, { onProblem, mustExist: true });
  }
  if (isThere("blob")) return await PlainStore.open(path);
  throw new UsageError(`'${path}' holds no chunks`, {
    hint:
      "name the directory above blob, which store export writes, or a store directory",
    fields: { path },
  });
}

export const verb: Verb = defineVerb({
  arguments: {
    store: argument(DIR, "Store directory, made if it is missing"),
    from: argument(
      SOURCE,
      "Directory that store export wrote, a store, http(s)://HOST/BASE of a mirror, or s3://BUCKET/PREFIX",
    ),
  },
  options: { ...COPY_OPTIONS },
  description:
    "Takes chunks into a store directory, from files FROM/blob/HASH in a directory, behind a web server or in a bucket, or from another store. Every byte is checked. A web server cannot tell what it has: --ref says what is wanted. What the store has already is read, and repaired if it is damaged. It may run beside 'net-transfer serve --store', which serves what has come at once; a run that was stopped is gone on with by running it again.",
  examples: [
    {
      line: "store import ./store /mnt/disk/chunks",
      does: "Take all chunks from a disk that was carried here",
    },
    {
      line: "store import ./store /mnt/disk/chunks --ref @photos.ref",
      does: "Take what one tree needs",
    },
    {
      line: "store import ./store https://mirror.example/ --ref @photos.ref",
      does: "Take it from a web server",
    },
  ],
  async run({ store: path, from: source, ...values }, context) {
    const { trustParent } = values;
    // Without what a URL may have of passwords.
    const shownSource = isObjectsUrl(source)
      ? shownLocation(parseObjectsUrl(source))
      : source;
    await using from = await inStage(
      "open",
      () => openSource(source, values.ref.length > 0, context.log),
    );
    await using to = await inStage(
      "open",
      () => makeStore(path, trustParent),
    );
    await runCopy(
      {
        from,
        to,
        label: `importing ${shownSource}`,
        fields: { store: path, from: shownSource },
        shown: path,
        source: shownSource,
      },
      values,
      context,
    );
  },
});
