/** `store export`: chunks as plain files, for any web server. */

import { isObjectsUrl, ObjectUploads } from "../../objects/mod.ts";
import { PlainStore } from "../../store/mod.ts";
import { defineVerb, type Verb } from "../command.ts";
import { argument } from "../framework/options/option.ts";
import type { ValueKind } from "../framework/options/value_kind.ts";
import { openBucket } from "../node/open_objects.ts";
import { STORE_PLACE } from "../options/store_place.ts";
import { inStage } from "../stage.ts";
import { COPY_OPTIONS, runCopy } from "../stores/copy_command.ts";
import { openNamedStore, STORE } from "../stores/named_store.ts";

/** A directory, or a bucket. */
const TO: ValueKind<string> = { ...STORE_PLACE, metavar: "TO" };

export const verb: Verb = defineVerb({
  arguments: {
    store: STORE,
    dir: argument(TO, "Directory to write to, or s3://BUCKET/PREFIX"),
  },
  options: { ...COPY_OPTIONS },
  description:
    "Writes the chunks of a store as files TO/blob/HASH with nothing but their bytes, which any web server, CDN or object store can hand out. Each is checked and appears whole. What is there and right is not written again, so that a run that was stopped is gone on with by running it again; a bucket is believed that it has what it lists. In a directory the umask decides who may read them.",
  examples: [
    {
      line: "store export ./store /srv/www/chunks",
      does: "Have a web server hand out all of a store",
    },
    {
      line: "store export ./store ./photos --ref @photos.ref",
      does: "Copy what one tree needs",
    },
    {
      line: "store export ./store s3://BUCKET/photos",
      does: "Publish a store to a bucket",
    },
  ],
  async run({ store: path, dir, ...values }, context) {
    const { trustParent, jobs } = values;
    const { log, signal } = context;
    const onProblem = (message: string) => log.warn(message);
    await using from = await openNamedStore(path, { onProblem });
    const copying = {
      from,
      label: `exporting ${path}`,
      fields: { store: path, dir },
      shown: dir,
      source: path,
    };
    if (isObjectsUrl(dir)) {
      const bucket = await inStage("open", () => openBucket(dir, log));
      const bounds = jobs === undefined ? {} : { maxUploads: jobs };
      await using to = new ObjectUploads(bucket, { signal, ...bounds });
      const finish = () => to.finish();
      return await runCopy({ ...copying, to, finish }, values, context);
    }
    await using to = await inStage(
      "open",
      () => PlainStore.open(dir, { trustParent }),
    );
    await runCopy({ ...copying, to }, values, context);
  },
});
