/** What `doctor` has looked at, and what it saw. */

import type { Context } from "../command.ts";
import { toTransferError } from "../failure.ts";
import type { Fields } from "../framework/output/report.ts";
import { stageOf } from "../stage.ts";

/** `skipped` is what this process may not, or cannot, look at. */
export type CheckStatus = "ok" | "warn" | "failed" | "skipped";

/** What a look at one thing has shown. */
export interface Finding {
  /** `ok` when left out. */
  readonly status?: CheckStatus;
  /** What was seen, for people. */
  readonly said: string;
  /** What to do about it. */
  readonly hint?: string;
  /** What was seen, for programs. */
  readonly figures?: Fields;
}

export interface Check extends Finding {
  readonly check: string;
  readonly status: CheckStatus;
}

/** Whether the sandbox of this process is what an operation failed of. */
function isSandbox(error: unknown): boolean {
  if (error instanceof Deno.errors.NotCapable) return true;
  return error instanceof Error && error.cause !== undefined &&
    isSandbox(error.cause);
}

/** Looks at one thing after the other; one that fails does not end the others. */
export class Checks {
  readonly list: Check[] = [];
  /** What the first check that failed threw. */
  failure: unknown;
  readonly #context: Pick<Context, "signal">;
  readonly #onStart: (check: string) => void;

  /** @param onStart Told what is looked at next. */
  constructor(
    context: Pick<Context, "signal">,
    onStart: (check: string) => void,
  ) {
    this.#context = context;
    this.#onStart = onStart;
  }

  /**
   * Looks at one thing.
   *
   * @param look Gives what is kept for later checks, and what was seen.
   * @returns What was kept, `undefined` when the check failed.
   * @throws The reason of the signal.
   */
  async run<T>(
    check: string,
    look: () => Promise<[T, Finding]> | [T, Finding],
  ): Promise<T | undefined> {
    const { signal } = this.#context;
    signal.throwIfAborted();
    this.#onStart(check);
    try {
      const [kept, finding] = await look();
      this.add(check, finding);
      return kept;
    } catch (thrown) {
      signal.throwIfAborted();
      this.fail(check, thrown);
      return undefined;
    }
  }

  add(check: string, finding: Finding): void {
    this.list.push({ check, ...finding, status: finding.status ?? "ok" });
  }

  /** Notes what a check failed of; what the sandbox forbids is no failure. */
  fail(check: string, thrown: unknown): void {
    const { error: cause } = stageOf(thrown);
    const error = toTransferError(cause);
    const { message: said, hint, kind } = error;
    if (isSandbox(cause)) {
      this.add(check, { status: "skipped", said, hint });
      return;
    }
    this.failure ??= thrown;
    this.add(check, { status: "failed", said, hint, figures: { kind } });
  }

  /** Notes what is not looked at, and why. */
  skip(check: string, said: string): void {
    this.add(check, { status: "skipped", said });
  }
}
