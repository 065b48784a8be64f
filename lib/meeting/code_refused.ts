import { PermissionError } from "../errors.ts";
import { CODE_TRIES_MAX } from "../limits.ts";

/** Why the sharing end gives nothing for a code, in the order of their numbers. */
const REASONS = {
  wrong: [
    "the code is wrong",
    "type it again, or ask for another code",
  ],
  busy: [
    "others are trying this code right now",
    "try again in some seconds",
  ],
  taken: [
    "the code was used already: each is good for one use",
    "ask for another code",
  ],
  over: [
    `the code was tried wrongly ${CODE_TRIES_MAX} times, and is over`,
    "ask for another code",
  ],
  withdrawn: ["the code was withdrawn", "ask for another code"],
} as const;

/** Why the sharing end gives nothing for a code. */
export type CodeRefusal = keyof typeof REASONS;

/** In the order of their numbers on the wire, from 1. */
export const REFUSALS = Object.keys(REASONS) as readonly CodeRefusal[];

/** The sharing end gives nothing for a code. */
export class CodeRefusedError extends PermissionError {
  readonly why: CodeRefusal;

  constructor(why: CodeRefusal) {
    const [message, hint] = REASONS[why];
    super(message, { hint, fields: { refusal: why } });
    this.name = "CodeRefusedError";
    this.why = why;
  }
}
