/** The stages of a command: which one an error ended decides its exit code. */

import type { Stage } from "./exit_codes.ts";

/** An error with the stage it ended, on its way to `main`. */
export class StageFailure extends Error {
  constructor(readonly stage: Stage, cause: unknown) {
    super(`failed at stage ${stage}`, { cause });
  }
}

/** Runs one stage. In nested stages the innermost counts. */
export async function inStage<T>(
  stage: Stage,
  step: () => T | Promise<T>,
): Promise<T> {
  try {
    return await step();
  } catch (error) {
    throw error instanceof StageFailure
      ? error
      : new StageFailure(stage, error);
  }
}

/** The stage an error ended, and the error; without one it is `arguments`. */
export function stageOf(thrown: unknown): { stage: Stage; error: unknown } {
  return thrown instanceof StageFailure
    ? { stage: thrown.stage, error: thrown.cause }
    : { stage: "arguments", error: thrown };
}
