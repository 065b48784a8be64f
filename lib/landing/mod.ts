/**
 * Everything that writes what a peer sent.
 *
 * All writing happens in a worker that may read and write the directory of the
 * target and nothing else. Every byte is checked against its hash before it is
 * written, a manifest is checked whole before the first directory is made, and
 * a target is replaced by a rename: it is the old one or the new one, never a
 * half.
 *
 * What is relied on, since paths cannot be opened without following links here:
 * nobody else can change a name on the way to the target
 * (`os/safe_ancestors.ts`); where somebody can, the landing is refused. Files
 * under fixed names are used only where we made them; trees grow in a new
 * directory of mode 0700.
 *
 * @module
 */

export { BlobLanding } from "./blob_landing.ts";
export { isHeldTarget, untilTargetIsFree } from "./held_target.ts";
export { inspectTarget } from "./inspect_target.ts";
export { identityAt } from "./identity_at.ts";
export {
  findOldFile,
  findOldTree,
  keepsModes,
  plannedMode,
} from "./old_tree.ts";
export { OLD_FILE_COLUMNS } from "./worker/worker_protocol.ts";
export { judgeTarget, lossAt, type TargetJudgement } from "./judge_target.ts";
export type { Loss } from "./count_loss.ts";
export { siteOf } from "./install_site.ts";
export { leftAt, leftBehind } from "./left_behind.ts";
export {
  findLeftFile,
  findLeftTree,
  type LeftFile,
  type LeftTree,
} from "./left_content.ts";
export { checkTree } from "./worker/tree_plan.ts";
export { partialPath } from "./worker/temp_names.ts";
export {
  type FormerIdentity,
  identityOf as targetIdentity,
  isSameTarget,
  type TargetIdentity,
} from "./worker/target.ts";
export { type InstallPlan, planInstall } from "./plan_install.ts";
export { namesRefusedAt } from "./refused_names.ts";
export { resolveTarget } from "./resolve_target.ts";
export { requireSafeTarget } from "./safe_target.ts";
export { TreeLanding } from "./tree_landing.ts";
export type {
  LinkPolicy,
  TreeCounts,
  TreeOptions,
  UsedBuffer,
} from "./worker/worker_protocol.ts";
