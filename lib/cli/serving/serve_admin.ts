/**
 * Who may look at the transfers of a holder and cancel them.
 *
 * @module
 */

import { UsageError } from "../../errors.ts";
import type { TransferPolicy, Who } from "../../transfer/mod.ts";
import {
  type OptionTable,
  repeatable,
  type ValuesOf,
} from "../framework/options/option.ts";
import { WHO } from "../options/who.ts";

/** The options that say who may. */
export const ADMIN_OPTIONS = {
  adminList: repeatable("admin-list", WHO, {
    help:
      "Who may list transfers: none, psk (all who attach) or the node of this public key",
    shownDefault: "psk",
  }),
  adminCancel: repeatable("admin-cancel", WHO, {
    help:
      "Who may cancel the transfers of others: none, psk or the node of this public key",
    shownDefault: "none",
  }),
} satisfies OptionTable;

/**
 * Makes the policy that the options state.
 *
 * @throws {UsageError} When nobody and somebody may do the same.
 */
export function transferPolicy(
  { adminList, adminCancel }: ValuesOf<typeof ADMIN_OPTIONS>,
): TransferPolicy {
  return {
    list: whoOf("admin-list", adminList),
    cancel: whoOf("admin-cancel", adminCancel),
  };
}

function whoOf(
  option: string,
  given: readonly Who[],
): readonly Who[] | undefined {
  if (given.length > 1 && given.includes("none")) {
    throw new UsageError(`--${option} none cannot stand beside others`, {
      hint: "leave none out, or name nobody else",
    });
  }
  return given.length === 0 ? undefined : given;
}
