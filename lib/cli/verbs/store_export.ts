/** `store export`: chunks as plain files, for any web server. */

import { PlainStore } from "../../store/mod.ts";
import { defineVerb, type Verb } from "../command.ts";
import { argument } from "../framework/options/option.ts";
import { DIR } from "../framework/options/value_kind.ts";
import { inStage } from "../stage.ts";
import { COPY_OPTIONS, runCopy } from "../stores/copy_command.ts";
import { openNamedStore, STORE } from "../stores/named_store.ts";

export const verb: Verb = defineVerb({
  arguments: { store: STORE, dir: argument(DIR, "Directory to write to") },
  options: { ...COPY_OPTIONS },
  description:
    "Writes the chunks of a store as files DIR/blob/HASH with nothing but their bytes, which any web server, CDN or object store can hand out. Each is checked and appears whole. What is there and right is not written again, so that a run that was stopped is gone on with by running it again. The umask decides who may read them.",
  examples: [
    {
      line: "store export ./store /srv/www/chunks",
      does: "Have a web server hand out all of a store",
    },
    {
      line: "store export ./store ./photos --ref @photos.ref",
      does: "Copy what one tree needs",
    },
  ],
  async run({ store: path, dir, ...values }, context) {
    const { trustParent } = values;
    const onProblem = (message: string) => context.log.warn(message);
    await using from = await openNamedStore(path, { onProblem });
    await using to = await inStage(
      "open",
      () => PlainStore.open(dir, { trustParent }),
    );
    await runCopy(
      {
        from,
        to,
        label: `exporting ${path}`,
        fields: { store: path, dir },
        shown: dir,
        source: path,
      },
      values,
      context,
    );
  },
});
