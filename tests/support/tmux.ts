/**
 * A real terminal, driven by tmux: starts a program in it and reads what its
 * screen shows.
 */

import { delay } from "@std/async";
import type { TempDir } from "../../scripts/temp_dir.ts";

/** Longest wait for a frame, in milliseconds: a bound, not a measure. */
const PATIENCE_MS = 30_000;

const POLL_MS = 50;

/** How a {@linkcode TmuxTerminal} is started. */
export interface TerminalOptions {
  /** A directory of its own: home, working directory and socket. */
  dir: TempDir;
  /** Redirections and the like, after the program in shell syntax. */
  shell?: string;
  /** Columns in the beginning. @default {100} */
  columns?: number;
}

function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Tells why a test that needs tmux cannot run here; `undefined` when it can. */
export function whyNoTmux(): string | undefined {
  try {
    const { success } = new Deno.Command("tmux", { args: ["-V"] }).outputSync();
    return success ? undefined : "tmux does not run";
  } catch {
    return "tmux is not installed";
  }
}

/** A terminal with one program in it. */
export class TmuxTerminal implements AsyncDisposable {
  readonly #socket: string;

  private constructor(socket: string) {
    this.#socket = socket;
  }

  /**
   * Starts a program; when it has ended, the screen shows `exit=` and its code
   * below what it left.
   */
  static async start(
    program: readonly string[],
    { dir, shell = "", columns = 100 }: TerminalOptions,
  ): Promise<TmuxTerminal> {
    const terminal = new TmuxTerminal(dir.at("tmux.sock"));
    const line = `${program.map(quote).join(" ")} ${shell}`;
    await terminal.#tmux(
      ...["-f", "/dev/null", "new-session", "-d", "-c", dir.path],
      ...["-x", String(columns), "-y", "24"],
      ...["-e", `HOME=${dir.path}`, "-e", `XDG_CONFIG_HOME=${dir.path}`],
      // Of a continuous run, whose terminals are none.
      ...["-e", "DENO_NO_UPDATE_CHECK=1", "-e", "CI="],
      // The last command keeps the screen as it is.
      `${line}; echo "exit=$?"; exec cat`,
    );
    return terminal;
  }

  async #tmux(...args: string[]): Promise<string> {
    const { success, stdout, stderr } = await new Deno.Command("tmux", {
      args: ["-S", this.#socket, ...args],
      // Wide characters need a locale that has them.
      env: { LC_ALL: "C.UTF-8", TMUX: "" },
    }).output();
    const decoder = new TextDecoder();
    if (!success) throw new Error(decoder.decode(stderr));
    return decoder.decode(stdout);
  }

  /** The rows of the screen, without blank ones at its end. */
  async frame(): Promise<string[]> {
    return (await this.#tmux("capture-pane", "-p")).trimEnd().split("\n");
  }

  /** What was printed, with lines whole that the width has folded. */
  async printed(): Promise<string> {
    return (await this.#tmux("capture-pane", "-p", "-J", "-S", "-")).trimEnd();
  }

  /**
   * Waits until the screen shows something.
   *
   * @returns The frame.
   * @throws {Error} With the last frame, when it never does.
   */
  async until(
    shown: (frame: readonly string[]) => boolean,
  ): Promise<string[]> {
    const deadline = performance.now() + PATIENCE_MS;
    while (true) {
      const frame = await this.frame();
      if (shown(frame)) return frame;
      if (performance.now() > deadline) {
        throw new Error(`the screen stays at:\n${frame.join("\n")}`);
      }
      await delay(POLL_MS);
    }
  }

  /** Waits until a row shows some text. */
  untilShown(text: string): Promise<string[]> {
    return this.until((frame) => frame.some((row) => row.includes(text)));
  }

  /** Presses keys, as tmux names them. */
  async press(...keys: string[]): Promise<void> {
    await this.#tmux("send-keys", ...keys);
  }

  /** Makes the terminal narrower or wider. */
  async resize(columns: number): Promise<void> {
    await this.#tmux("resize-window", "-x", String(columns));
  }

  /** Whether the program shows the cursor. */
  async showsCursor(): Promise<boolean> {
    const flag = await this.#tmux("display-message", "-p", "#{cursor_flag}");
    return flag.trim() === "1";
  }

  /** Ends what runs in it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tmux("kill-server").catch(() => {});
  }
}
