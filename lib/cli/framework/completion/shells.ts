/**
 * The shells there is a completion script for.
 *
 * @module
 */

import { bashCompletion } from "./bash.ts";
import { elvishCompletion } from "./elvish.ts";
import { fishCompletion } from "./fish.ts";
import type { Plan } from "./plan.ts";
import { powershellCompletion } from "./powershell.ts";
import { zshCompletion } from "./zsh.ts";

export const SHELLS = ["bash", "zsh", "fish", "powershell", "elvish"] as const;

export type Shell = typeof SHELLS[number];

const WRITERS: Readonly<Record<Shell, (plan: Plan) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
  powershell: powershellCompletion,
  elvish: elvishCompletion,
};

export function completionScript(shell: Shell, plan: Plan): string {
  return WRITERS[shell](plan);
}
