/**
 * `identity generate`: makes an identity file.
 *
 * @module
 */

import { join } from "@std/path";
import { UsageError } from "../../errors.ts";
import {
  formatIdHex,
  generateIdentity,
  type Identity,
  writeIdentity,
} from "../../mesh/mod.ts";
import { defineVerb, type Verb } from "../command.ts";
import { configDir } from "../node/config_dir.ts";
import { flag, optional } from "../framework/options/option.ts";
import { FILE, text } from "../framework/options/value_kind.ts";
import { identityReport } from "../node/identity_report.ts";
import { inStage } from "../stage.ts";

function defaultPath(identity: Identity): string {
  const dir = configDir();
  if (dir === undefined) {
    throw new UsageError("there is no configuration directory to write to", {
      hint: "give --out, or set HOME",
    });
  }
  const name = `operator-${formatIdHex(identity.operatorId)}.toml`;
  return join(dir, "identities", name);
}

export const verb: Verb = defineVerb({
  arguments: {},
  options: {
    out: optional("out", FILE, {
      help: "File to write",
      shownDefault: "identities/operator-0xID.toml beside the configuration",
    }),
    note: optional("note", text("TEXT"), {
      help: "What it is for, kept in the file",
    }),
    force: flag("force", { help: "Replace a file that exists" }),
  },
  description:
    "The file holds the secret seed of all keys of a node; it is made readable by its owner only.",
  examples: [{
    line: "identity generate --out node.toml --note 'the file server'",
    does: "Make an identity for a node",
  }],
  async run({ out, note, force }, context) {
    const identity = generateIdentity(note === undefined ? {} : { note });
    const path = out ?? defaultPath(identity);
    await inStage("setup", () => writeIdentity(path, identity, { force }));
    await context.emit(identityReport(path, identity));
  },
});
