/** `identity generate`, `show` and `fingerprint`: the keys of a node. */

import { join } from "@std/path";
import { UsageError } from "../../errors.ts";
import {
  formatIdHex,
  generateIdentity,
  type Identity,
  loadIdentity,
  writeIdentity,
} from "../../mesh/mod.ts";
import { toHex } from "../../text/hex.ts";
import { defineVerb, type Verb } from "../command.ts";
import { argument, flag, optional } from "../framework/options/option.ts";
import { FILE, text } from "../framework/options/value_kind.ts";
import { type Fields, Id, type Report } from "../framework/output/report.ts";
import { configDir } from "../node/config_file.ts";
import { TRUST_PARENT_OPTION } from "../options/trust_parent_option.ts";
import { inStage } from "../stage.ts";

const READING = {
  arguments: { path: argument(FILE, "Identity file") },
  options: {
    insecurePermissions: flag("insecure-permissions", {
      help: "Accept a file that others can read",
    }),
  },
};

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

/** What peers need to know of an identity. */
function nodeFields({ nodeId, x25519Public }: Identity): Fields {
  return { node_id: new Id(nodeId), node_pubkey: toHex(x25519Public) };
}

/** Describes an identity, its secret left out. */
function report(path: string, identity: Identity): Report {
  const operator = formatIdHex(identity.operatorId);
  const key = toHex(identity.x25519Public);
  return {
    fields: {
      path,
      operator_id_hex: operator,
      public_key_hex: toHex(identity.publicKey),
      created_at: identity.createdAt,
      note: identity.note,
      ...nodeFields(identity),
    },
    text: () =>
      `${path}: operator ${operator}, node ${identity.nodeId}, key ${key}`,
  };
}

export const generate: Verb = defineVerb({
  arguments: {},
  options: {
    out: optional("out", FILE, {
      help: "File to write",
      shownDefault: "identities/operator-0xID.toml beside the configuration",
    }),
    note: optional("note", text("TEXT"), {
      help: "What it is for, kept in the file",
    }),
    force: flag("force", {
      help: "Replace an identity file that exists; no other file is",
    }),
    ...TRUST_PARENT_OPTION,
  },
  description:
    "The file holds the secret seed of all keys of a node; it is made readable by its owner only.",
  examples: [{
    line: "identity generate --out node.toml --note 'the file server'",
    does: "Make an identity for a node",
  }],
  async run({ out, note, force, trustParent }, context) {
    const identity = generateIdentity({ note });
    const path = out ?? defaultPath(identity);
    const options = { force, trustParent };
    await inStage("setup", () => writeIdentity(path, identity, options));
    await context.emit(report(path, identity));
  },
});

export const show: Verb = defineVerb({
  ...READING,
  description: "The secret seed is never printed.",
  examples: [{
    line: "identity show node.toml",
    does: "See the public key and the id of a node",
  }],
  async run({ path, ...options }, context) {
    const identity = await inStage("setup", () => loadIdentity(path, options));
    await context.emit(report(path, identity));
  },
});

export const fingerprint: Verb = defineVerb({
  ...READING,
  description:
    "The fingerprint is the first 8 bytes of the SHA-256 of the public key. It is for comparing by eye; it authenticates nobody.",
  examples: [{
    line: "identity fingerprint node.toml",
    does: "Compare with what the other side reads out",
  }],
  async run({ path, ...options }, context) {
    const identity = await inStage("setup", () => loadIdentity(path, options));
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
