/**
 * The stages of a command. Which one an error ended decides, with its kind, the
 * exit code; it travels with the error.
 *
 * @module
 */

/** What was being done when something failed. */
export type Stage =
  /** Arguments and references, before anything is opened. */
  | "arguments"
  /** Reading the configuration file. */
  | "config_load"
  /** Choosing and reading profile values, keys and identities. */
  | "setup"
  /** Opening what is to be published, or the store it goes to. */
  | "open"
  /** Reading, hashing and staging what is to be published. */
  | "publish"
  /** Binding a socket, reaching and authenticating a node. */
  | "attach"
  /** Finding the source behind the attached node. */
  | "relay"
  /** Fetching a blob into a file. */
  | "recv_blob"
  /** Fetching a directory. */
  | "recv_dir"
  /** Calling a procedure of the attached node. */
  | "rpc"
  /** Serving. */
  | "serve"
  /** Printing the result. */
  | "output";

/** An error with the stage it ended, on its way to `main`. */
export class StageFailure extends Error {
  /** Joins the two; the error is the `cause`. */
  constructor(readonly stage: Stage, cause: unknown) {
    super(`failed at stage ${stage}`, { cause });
  }
}

/**
 * Runs one stage. In nested stages the innermost counts.
 *
 * @throws {StageFailure} With whatever `step` threw.
 */
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
