/** `store import`: chunks from plain files or another store. */

import { UsageError } from "../../errors.ts";
import { lookAt } from "../../os/os_error.ts";
import { DiskStore, PlainStore } from "../../store/mod.ts";
import { defineVerb, type Verb } from "../command.ts";
import { argument } from "../framework/options/option.ts";
import { DIR } from "../framework/options/value_kind.ts";
import { makeStore } from "../publishing/publish.ts";
import { inStage } from "../stage.ts";
import {
  COPY_OPTIONS,
  type CopySource,
  runCopy,
} from "../stores/copy_command.ts";

/** Opens what chunks are taken from, by what lies in it. */
async function openSource(
  path: string,
  onProblem: (message: string) => void,
): Promise<CopySource> {
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
    from: argument(DIR, "Directory that store export wrote, or a store"),
  },
  options: { ...COPY_OPTIONS },
  description:
    "Takes chunks into a store directory, from files FROM/blob/HASH or from another store. Every byte is checked. What the store has already is read, and repaired if it is damaged. It may run beside 'net-transfer serve --store', which serves what has come at once; a run that was stopped is gone on with by running it again.",
  examples: [
    {
      line: "store import ./store /mnt/disk/chunks",
      does: "Take all chunks from a disk that was carried here",
    },
    {
      line: "store import ./store /mnt/disk/chunks --ref @photos.ref",
      does: "Take what one tree needs",
    },
  ],
  async run({ store: path, from: source, ...values }, context) {
    const { trustParent } = values;
    const onProblem = (message: string) => context.log.warn(message);
    await using from = await inStage(
      "open",
      () => openSource(source, onProblem),
    );
    await using to = await inStage(
      "open",
      () => makeStore(path, trustParent),
    );
    await runCopy(
      {
        from,
        to,
        label: `importing ${source}`,
        fields: { store: path, from: source },
        shown: path,
        source,
      },
      values,
      context,
    );
  },
});
