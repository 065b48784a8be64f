/**
 * The public part of an identity, as the identity verbs print it.
 *
 * @module
 */

import { toHex } from "../../content/mod.ts";
import { formatIdHex, type Identity } from "../../mesh/mod.ts";
import { flag, type OptionTable } from "../framework/options/option.ts";
import type { Fields, Report } from "../framework/output/report.ts";

/** The options of the verbs that read an identity file. */
export const IDENTITY_FILE_OPTIONS = {
  insecurePermissions: flag("insecure-permissions", {
    help: "Accept a file that others can read",
  }),
} satisfies OptionTable;

/** What peers need to know of an identity. */
export function nodeFields(identity: Identity): Fields {
  return {
    node_id: identity.nodeId,
    node_pubkey: toHex(identity.x25519Public),
  };
}

/**
 * Describes an identity, its secret left out.
 *
 * @param path Where it lies, as typed.
 */
export function identityReport(path: string, identity: Identity): Report {
  const operator = formatIdHex(identity.operatorId);
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
      `${path}: operator ${operator}, node ${identity.nodeId}, key ${
        toHex(identity.x25519Public)
      }`,
  };
}
