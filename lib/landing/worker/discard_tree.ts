import { TransferError } from "../../errors.ts";
import { ioErrorOf } from "../../os/os_error.ts";
import { removeTree } from "./remove_tree.ts";

/**
 * Removes a temp tree after a failure.
 *
 * @param root The tree.
 * @param error The failure.
 * @returns It; where that fails, too, one that says so.
 */
export function discardTree(root: string, error: unknown): unknown {
  try {
    removeTree(root);
    return error;
  } catch (second) {
    const { kind, message, hint, fields } = ioErrorOf(
      error,
      "install",
      root,
    );
    return new TransferError(
      kind,
      `${message}; then ${ioErrorOf(second, "remove", root).message}`,
      { cause: error, hint, fields: { ...fields, left_behind: root } },
    );
  }
}
