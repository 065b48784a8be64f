/** How a tree lands, as the caller says it and as the worker is told. */

import type { ParentTrust } from "../os/safe_ancestors.ts";
import type { InstallPlan } from "./plan_install.ts";
import type {
  FormerIdentity,
  Target,
  TargetIdentity,
} from "./worker/target.ts";
import type { TreeOptions, TreeRequest } from "./worker/worker_protocol.ts";

/** Options of `TreeLanding.open`. */
export interface TreeLandingOptions extends TreeOptions, ParentTrust {
  /** Path of the directory to make or replace. */
  out: string;
  /** The encoded directory manifest; copied unless it lies in shared memory. */
  manifest: Uint8Array;
  /**
   * Whether whatever is at `out` may be replaced. Otherwise only an empty
   * directory, a link, and what `former` tells of.
   *
   * @default {false}
   */
  replace?: boolean;
  /**
   * What earlier landings made at `out`, or were about to: their
   * `TreeLandingResult.identity`.
   */
  former?: FormerIdentity;
  /**
   * Whether what a run of the same manifest left that was stopped is taken over,
   * and `TreeLanding.check` finds it, and whether what there is of this
   * one stays when it is closed before it is installed.
   *
   * @default {true}
   */
  resume?: boolean;
  /**
   * Whether what runs of other manifests left is removed, though not a week has
   * gone by.
   *
   * @default {false}
   */
  clean?: boolean;
  /**
   * How the tree is put in place, as `planInstall` decided.
   *
   * @default {by renames, if they can be made}
   */
  plan?: InstallPlan;
  /** Told of what is removed that earlier runs left, or that is replaced. */
  onRemoval?: (stage: RemovalStage, files: number) => void;
  /**
   * Told what will be at `out` before the first change there, which awaits it:
   * who remembers it knows the tree again, whatever ends this run.
   */
  onInstalling?: (identity: TargetIdentity) => unknown;
  /**
   * Told when the tree is in place: what it has replaced is removed then, and
   * `TreeLanding.commit`, which awaits it, may still be interrupted.
   */
  onInstalled?: (identity: TargetIdentity) => unknown;
  /**
   * Rejects what is pending when it is aborted; the landing is still to be
   * closed. Once the tree is in place only the removal of the old one ends.
   */
  signal?: AbortSignal;
}

/** What is removed: what earlier runs left, or what the tree has replaced. */
export type RemovalStage = "collecting" | "removing";

/** What the worker is told. */
export function requestOf(
  {
    manifest,
    fsync = false,
    preserveSetid = false,
    replace = false,
    former,
    links = "inside",
    perms = true,
    sparse = true,
    resume = true,
    clean = false,
  }: TreeLandingOptions,
  target: Target,
  { install, isVolume }: InstallPlan,
): Omit<TreeRequest, "volume" | "machine"> {
  return {
    target,
    manifest,
    fsync,
    preserveSetid,
    replace,
    former,
    links,
    perms,
    sparse,
    resume,
    clean,
    canLink: canMakeLinks(),
    install,
    isVolume,
  };
}

/** A runtime makes links only for a process that may read and write everything. */
function canMakeLinks(): boolean {
  return (["read", "write"] as const).every((name) =>
    Deno.permissions.querySync({ name }).state === "granted"
  );
}
