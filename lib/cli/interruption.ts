/**
 * SIGINT and SIGTERM as an abort signal: the first asks the work to stop
 * cleanly, the second, or a stop that hangs, ends the process at once.
 */

import { TransferError } from "../errors.ts";
import { DRAIN_MS } from "../limits.ts";
import { EXIT_SIGINT, EXIT_SIGTERM } from "./exit_codes.ts";

/** How long a clean stop may take, in milliseconds. */
const STOP_MS = 2 * DRAIN_MS;

const SIGNALS: Readonly<Record<"SIGINT" | "SIGTERM", number>> = {
  SIGINT: EXIT_SIGINT,
  SIGTERM: EXIT_SIGTERM,
};

/**
 * The first signal asks the work to stop; a second, or a stop that hangs, ends
 * the process.
 */
export class Interruption implements Disposable {
  readonly #controller = new AbortController();
  readonly #listeners: [Deno.Signal, () => void][] = [];
  #exitCode: number | undefined;

  /** The exit code of the signal that came, if one did. */
  get exitCode(): number | undefined {
    return this.#exitCode;
  }

  /** Aborted by the first signal; handled from the first call on. */
  get signal(): AbortSignal {
    if (this.#listeners.length === 0) this.#listen();
    return this.#controller.signal;
  }

  #listen(): void {
    for (const name of ["SIGINT", "SIGTERM"] as const) {
      if (Deno.build.os === "windows" && name === "SIGTERM") continue;
      const onSignal = () => {
        if (this.#exitCode !== undefined) Deno.exit(SIGNALS[name]);
        this.#exitCode = SIGNALS[name];
        this.#controller.abort(
          new TransferError("interrupted", `interrupted by ${name}`),
        );
        Deno.unrefTimer(
          setTimeout(() => Deno.exit(SIGNALS[name]), STOP_MS),
        );
      };
      Deno.addSignalListener(name, onSignal);
      this.#listeners.push([name, onSignal]);
    }
  }

  [Symbol.dispose](): void {
    for (const [name, onSignal] of this.#listeners.splice(0)) {
      Deno.removeSignalListener(name, onSignal);
    }
  }
}
