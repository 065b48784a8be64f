/**
 * What can be known of a target at once, so that nobody waits for a transfer
 * to learn that it was in vain.
 */

import { ExistsError, IoError, PermissionError } from "../errors.ts";
import { attempt, lookAt } from "../os/os_error.ts";
import { randomToken } from "../os/random_token.ts";
import type { ParentTrust } from "../os/safe_ancestors.ts";
import { quoteText } from "../text/escape.ts";
import { formatBytes } from "../text/human.ts";
import { requireGrants } from "./confined_worker.ts";
import { countLoss, type Loss } from "./count_loss.ts";
import { currentDirectory, resolveTarget } from "./resolve_target.ts";
import { planInstall } from "./plan_install.ts";
import { requireSafeTarget } from "./safe_target.ts";
import { removeProbe } from "./worker/probe_removal.ts";
import {
  findAt,
  type Found,
  joinPath,
  lastComponent,
  mayReplace,
  type ReplaceRule,
  type Target,
} from "./worker/target.ts";

/** What is known of a target. */
export interface TargetJudgement {
  /** Where it really is. */
  readonly target: Target;
  /** What is there. */
  readonly found: Found;
  /** What would be lost, where that was counted. */
  readonly loss?: Loss;
  /** Why it may not be replaced, when it may not. */
  readonly refusal?: ExistsError;
  /** What the user should know. */
  readonly warnings: readonly string[];
}

/** What is asked of {@linkcode judgeTarget}. */
export interface JudgeOptions extends Partial<ReplaceRule>, ParentTrust {
  /**
   * Whether nothing may be made to find out.
   *
   * @default {false}
   */
  lookOnly?: boolean;
  /**
   * Whether to count what would be lost also where it may be.
   *
   * @default {false}
   */
  count?: boolean;
  /**
   * Whether a directory that is there stays, and its entries are exchanged.
   *
   * @default {false}
   */
  inPlace?: boolean;
}

/**
 * Judges a target.
 *
 * @param out The path as typed.
 * @param kind What is to be installed.
 * @param options What may be replaced.
 * @throws {IoError} When nothing can be installed there, whatever may be
 * replaced.
 * @throws {PermissionError} When the process may not write there.
 */
export async function judgeTarget(
  out: string,
  kind: "blob" | "tree",
  options: JudgeOptions = {},
): Promise<TargetJudgement> {
  const { former, replace = false, lookOnly = false, count = lookOnly } =
    options;
  const target = resolveTarget(out);
  requireOrdinary(target);
  const site = options.inPlace ? target.out : target.parent;
  if (!lookOnly) requireGrants(site);
  requireSafeTarget(out, site, options);
  const found = findAt(target, kind, former);
  if (found !== "nothing" && kind === "tree") requireElsewhere(target);
  if (!lookOnly) {
    if (lookAt(target.out)?.isDirectory) await planInstall(target, options);
    else requireWritable(target.parent);
  }
  const mayBe = replace || mayReplace(found, kind);
  const isTaken = found !== "nothing" && found !== "empty";
  const loss = isTaken && (count || !mayBe)
    ? await countLoss(target.out)
    : undefined;
  const refusal = mayBe ? undefined : refusalOf(target, found, loss);
  return {
    target,
    found,
    loss,
    refusal,
    warnings: notes(target, found, kind),
  };
}

/**
 * Counts what is lost when a tree is put in place at a target.
 *
 * @param out The target.
 * @returns Nothing where nothing is there, or an empty directory.
 */
export async function lossAt(out: string): Promise<Loss | undefined> {
  const target = resolveTarget(out);
  const found = findAt(target, "tree");
  return found === "nothing" || found === "empty"
    ? undefined
    : await countLoss(target.out);
}

/** The runtime opens the files of the system to nobody who is confined. */
function requireOrdinary({ out }: Target): void {
  if (Deno.build.os === "windows" || !/^\/(?:dev|proc|sys)\//.test(out)) return;
  throw new PermissionError(
    `cannot write ${quoteText(out)}: it is below a system directory`,
    { hint: "choose another path", fields: { path: out } },
  );
}

/** Refuses a directory above the current one. */
function requireElsewhere({ out }: Target): void {
  if (!currentDirectory()?.startsWith(joinPath(out, ""))) return;
  throw new IoError(
    `Cannot install a tree at ${
      quoteText(out)
    }: the current directory is in it`,
    { hint: "choose another path, or go elsewhere", fields: { path: out } },
  );
}

/** Makes a file in a directory, or in the nearest one above that exists. */
function requireWritable(directory: string): void {
  let parent = directory;
  while (lookAt(parent) === undefined) parent = lastComponent(parent).parent;
  const probe = joinPath(parent, `.probe_${randomToken()}`);
  attempt("create a file in", parent, () => {
    const options = { write: true, createNew: true, mode: 0o600 };
    Deno.openSync(probe, options).close();
  });
  removeProbe(probe, parent, () => Deno.removeSync(probe));
}

function refusalOf(
  { out }: Target,
  found: Found,
  loss: Loss = { files: 0, bytes: 0, isWhole: true },
): ExistsError {
  const { files, bytes, isWhole } = loss;
  const more = isWhole ? "" : "more than ";
  const count = `${more}${files} ${files === 1 ? "file" : "files"}`;
  const what = found === "tree"
    ? `a directory that is not empty and that no earlier fetch made: replacing it would lose ${count} of ${
      formatBytes(bytes)
    }`
    : found === "link"
    ? "a link"
    : `a file of ${formatBytes(bytes)}`;
  return new ExistsError(`${quoteText(out)} is ${what}`, {
    hint: "choose another path, or have it replaced with --replace",
    fields: { path: out, files, bytes },
  });
}

function notes(
  { out }: Target,
  found: Found,
  kind: "blob" | "tree",
): string[] {
  if (found !== "link" || kind !== "tree") return [];
  const to = attempt("read", out, () => Deno.readLinkSync(out));
  return [
    `${quoteText(out)} is a link to ${quoteText(to)} and is replaced itself; ` +
    "with a / at its end the path means what it leads to",
  ];
}
