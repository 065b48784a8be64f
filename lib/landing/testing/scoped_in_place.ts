/** A whole process that lands a tree in place where it may touch nothing else. */

import { planInstall } from "../plan_install.ts";
import { resolveTarget } from "../resolve_target.ts";
import { landTree, type TreeItems } from "./trees.ts";

const [out] = Deno.args;
const plan = await planInstall(resolveTarget(out), { inPlace: true });
const items: TreeItems = [["new", { file: "new" }]];
const { atomic } = await landTree(out, items, {
  replace: true,
  plan,
});
console.log(JSON.stringify({ atomic }));
