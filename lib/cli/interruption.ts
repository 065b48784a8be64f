/**
 * SIGINT, SIGTERM and SIGHUP as an abort signal: the first asks the work to stop
 * cleanly, the second, or a stop that hangs, ends the process at once.
 */

import { TransferError } from "../errors.ts";
import { DRAIN_MS } from "../limits.ts";
import { isHangupIgnored } from "../os/ignored_signals.ts";
import { readSystemFile } from "../os/system_file.ts";
import { readEnv } from "./framework/environment.ts";
import { EXIT_SIGHUP, EXIT_SIGINT, EXIT_SIGTERM } from "./exit_codes.ts";

/** How long a clean stop may take, in milliseconds. */
const STOP_MS = 2 * DRAIN_MS;

const EXIT_CODES = {
  SIGINT: EXIT_SIGINT,
  /** Ctrl-Break, of Windows alone. */
  SIGBREAK: EXIT_SIGINT,
  SIGTERM: EXIT_SIGTERM,
  SIGHUP: EXIT_SIGHUP,
} as const;

type StopSignal = keyof typeof EXIT_CODES;

/** The signals that there are; Windows has more in some versions of the runtime. */
const SIGNALS: readonly StopSignal[] = Deno.build.os === "windows"
  ? ["SIGINT", "SIGBREAK"]
  : ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * The first signal asks the work to stop; a second, or a stop that hangs, ends
 * the process.
 */
export class Interruption implements Disposable {
  readonly #controller = new AbortController();
  readonly #listeners: [Deno.Signal, () => void][] = [];
  readonly #onResumed: () => void;
  /** Found out at once: later the runtime may have changed it. */
  readonly #outlivesTerminal: boolean = Deno.build.os !== "windows" &&
    isHangupIgnored(readSystemFile("/proc/self/status"), readEnv("_"));
  /** Asked at Ctrl-C: whether another one is to be waited for. */
  postpone: () => boolean = () => false;
  #listensToAll = false;
  #exitCode: number | undefined;

  /** @param onResumed Called when the process goes on after it was stopped. */
  constructor(onResumed: () => void = () => {}) {
    this.#onResumed = onResumed;
    // The runtime itself would soon end the process when nobody listens.
    if (this.#outlivesTerminal) this.#listen("SIGHUP", () => {});
  }

  /** The exit code of the signal that came, if one did. */
  get exitCode(): number | undefined {
    return this.#exitCode;
  }

  /** Aborted by the first signal; handled from the first call on. */
  get signal(): AbortSignal {
    if (!this.#listensToAll) this.#listenToAll();
    return this.#controller.signal;
  }

  #listenToAll(): void {
    this.#listensToAll = true;
    for (const name of SIGNALS) {
      if (name === "SIGHUP" && this.#outlivesTerminal) continue;
      this.#listen(name, () => this.#stop(name));
    }
    // Its counterpart SIGTSTP stops the process by itself.
    if (Deno.build.os !== "windows") this.#listen("SIGCONT", this.#onResumed);
  }

  #stop(name: StopSignal): void {
    const isFirst = this.#exitCode === undefined;
    if (name === "SIGINT" && isFirst && this.postpone()) return;
    const exitCode = EXIT_CODES[name];
    if (this.#exitCode !== undefined) Deno.exit(exitCode);
    this.#exitCode = exitCode;
    this.#controller.abort(
      new TransferError("interrupted", `interrupted by ${name}`),
    );
    Deno.unrefTimer(setTimeout(() => Deno.exit(exitCode), STOP_MS));
  }

  #listen(name: Deno.Signal, onSignal: () => void): void {
    Deno.addSignalListener(name, onSignal);
    this.#listeners.push([name, onSignal]);
  }

  [Symbol.dispose](): void {
    for (const [name, onSignal] of this.#listeners.splice(0)) {
      Deno.removeSignalListener(name, onSignal);
    }
  }
}
