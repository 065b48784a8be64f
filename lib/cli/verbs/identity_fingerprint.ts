/**
 * `identity fingerprint`: a short name of an identity, to be read out loud.
 *
 * @module
 */

import { formatIdHex, loadIdentity } from "../../mesh/mod.ts";
import { defineVerb, type Verb } from "../command.ts";
import { argument } from "../framework/options/option.ts";
import { FILE } from "../framework/options/value_kind.ts";
import { IDENTITY_FILE_OPTIONS, nodeFields } from "../node/identity_report.ts";
import { inStage } from "../stage.ts";

export const verb: Verb = defineVerb({
  arguments: { path: argument(FILE, "Identity file") },
  options: IDENTITY_FILE_OPTIONS,
  description:
    "The fingerprint is the first 8 bytes of the SHA-256 of the public key. It is for comparing by eye; it authenticates nobody.",
  examples: [{
    line: "identity fingerprint node.toml",
    does: "Compare with what the other side reads out",
  }],
  async run({ path, insecurePermissions }, context) {
    const identity = await inStage(
      "setup",
      () => loadIdentity(path, { insecurePermissions }),
    );
    const { fingerprint } = identity;
    await context.emit({
      fields: {
        operator_id_hex: formatIdHex(identity.operatorId),
        fingerprint,
        ...nodeFields(identity),
      },
      text: () => fingerprint,
    });
  },
});
