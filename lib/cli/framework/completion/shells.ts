/** The shells there is a completion script for. */

import { bashCompletion } from "./bash.ts";
import { elvishCompletion } from "./elvish.ts";
import { fishCompletion } from "./fish.ts";
import type { Plan } from "./plan.ts";
import { powershellCompletion } from "./powershell.ts";
import { zshCompletion } from "./zsh.ts";

const WRITERS = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
  powershell: powershellCompletion,
  elvish: elvishCompletion,
};

export type Shell = keyof typeof WRITERS;

// The keys of a literal are those of its type.
export const SHELLS = Object.keys(WRITERS) as readonly Shell[];

export function completionScript(shell: Shell, plan: Plan): string {
  return WRITERS[shell](plan);
}
