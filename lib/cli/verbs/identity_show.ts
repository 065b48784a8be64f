/**
 * `identity show`: the public part of an identity file.
 *
 * @module
 */

import { loadIdentity } from "../../mesh/mod.ts";
import { defineVerb, type Verb } from "../command.ts";
import { argument } from "../framework/options/option.ts";
import { FILE } from "../framework/options/value_kind.ts";
import {
  IDENTITY_FILE_OPTIONS,
  identityReport,
} from "../node/identity_report.ts";
import { inStage } from "../stage.ts";

export const verb: Verb = defineVerb({
  arguments: { path: argument(FILE, "Identity file") },
  options: IDENTITY_FILE_OPTIONS,
  description: "The secret seed is never printed.",
  examples: [{
    line: "identity show node.toml",
    does: "See the public key and the id of a node",
  }],
  async run({ path, insecurePermissions }, context) {
    const identity = await inStage(
      "setup",
      () => loadIdentity(path, { insecurePermissions }),
    );
    await context.emit(identityReport(path, identity));
  },
});
