/**
 * From a command line to an exit code: finds the verb, loads it, parses with
 * its tables, runs it, and prints the one thing that went wrong.
 */

import { TransferError, UsageError } from "../errors.ts";
import type { Context, Verb } from "./command.ts";
import { COMMAND_LINE } from "./command_line.ts";
import { readEnv } from "./framework/environment.ts";
import { EXIT_OK, EXIT_USAGE, exitCode } from "./exit_codes.ts";
import { renderFailure, toTransferError, withHint } from "./failure.ts";
import { Interruption } from "./interruption.ts";
import { earlyOptions } from "./options/early_options.ts";
import {
  GLOBAL_OPTIONS,
  type GlobalValues,
  idleOptions,
} from "./options/global_options.ts";
import type { OptionTable } from "./framework/options/option.ts";
import { parseArguments } from "./framework/options/parse_arguments.ts";
import {
  ExtraWordError,
  UnknownWordError,
} from "./framework/options/tokens.ts";
import type { HelpOptions } from "./framework/help/help.ts";
import type { Subject } from "./framework/help/sections.ts";
import { terminalWidth } from "./framework/terminal/terminal_width.ts";
import { route, STOP_AT } from "./framework/route.ts";
import { redactTickets } from "./redact.ts";
import { renderReport } from "./framework/output/render.ts";
import { Log } from "./framework/terminal/log.ts";
import { chooseLogLevel } from "./framework/terminal/log_filter.ts";
import {
  choosePaint,
  type ColorChoice,
  type Paint,
} from "./framework/terminal/paint.ts";
import { Screen } from "./framework/terminal/screen.ts";
import { readArguments } from "../os/raw_arguments.ts";
import { printText } from "./write_stdout.ts";
import { inStage, stageOf } from "./stage.ts";
import { PROGRAM, VERSION } from "./version.ts";

/** What a log filter may call us: our name, and those it was written for. */
const LOG_TARGETS = ["net_transfer", "net_sdk", "net_mesh"];

/** Gives a usage error that has no hint the nearest word, or the help page. */
async function withUsageHint(
  error: TransferError,
  words: readonly string[],
  args: readonly string[],
): Promise<TransferError> {
  if (error.kind !== "usage" || error.hint !== undefined) return error;
  const help = `see '${[PROGRAM, ...words, "--help"].join(" ")}'`;
  return withHint(error, await meantHint(error, words, args) ?? help);
}

async function meantHint(
  error: TransferError,
  words: readonly string[],
  args: readonly string[],
): Promise<string | undefined> {
  if (error instanceof UnknownWordError) {
    const { meantBy } = await import("./meant.ts");
    const { word, candidates } = error;
    const isVerb = words.length === 0 && !word.startsWith("-");
    const rest = isVerb ? args.slice(args.indexOf(word) + 1) : undefined;
    return meantBy(word, candidates, rest);
  }
  if (error instanceof ExtraWordError) {
    const { extraWordHint } = await import("./meant.ts");
    return extraWordHint(error.word, error.options);
  }
  return undefined;
}

function paintOf(choice: ColorChoice, stream: typeof Deno.stderr): Paint {
  return choosePaint(choice, readEnv("NO_COLOR"), stream.isTerminal());
}

/** `-h` is short; a terminal is filled as far as lines stay readable. */
function helpOptions(typed: string | undefined): HelpOptions {
  return {
    isShort: typed === "-h",
    width: Deno.stdout.isTerminal() ? terminalWidth() : undefined,
  };
}

class Run {
  #args: readonly string[];
  readonly #screen = new Screen(Deno.stderr);
  readonly #interruption = new Interruption(() => this.#screen.redraw());
  #log: Log | undefined;
  #words: readonly string[] = [];

  constructor(args: readonly string[]) {
    this.#args = args;
  }

  async start(): Promise<number> {
    try {
      return await this.#run();
    } catch (thrown) {
      return await this.#fail(thrown);
    } finally {
      this.#interruption[Symbol.dispose]();
    }
  }

  async #run(): Promise<number> {
    this.#args = readArguments(this.#args);
    const { words, entry, rest, hasIgnoredWord } = route(
      this.#args,
      COMMAND_LINE,
    );
    this.#words = words;
    const { summary } = entry ?? COMMAND_LINE;
    if (entry === undefined || "verbs" in entry) {
      const pages = entry?.verbs ?? COMMAND_LINE.commands;
      return await this.#runWithoutVerb({ words, summary, pages }, rest);
    }
    const { verb } = await entry.load();
    const parsed = parseArguments(rest, {
      options: { ...GLOBAL_OPTIONS, ...verb.options } satisfies OptionTable,
      arguments: verb.arguments,
    }, { env: readEnv, stopAt: STOP_AT });
    if (parsed.stoppedAt === "help") {
      const { helpPage } = await import("./framework/help/help.ts");
      const page = { words, summary, verb, pages: [] };
      return await this.#print(
        helpPage(page, COMMAND_LINE, helpOptions(parsed.stoppedBy)),
      );
    }
    if (parsed.stoppedAt === "version") return await this.#printVersion();
    // The parser filled these from GLOBAL_OPTIONS.
    const globals = parsed.values as GlobalValues;
    const context = this.#context(
      verb,
      globals,
      parsed.fromEnvironment,
      hasIgnoredWord,
    );
    for (const name of idleOptions(verb.globals, parsed.onCommandLine)) {
      context.log.warn(`--${name} has no effect on ${words.join(" ")}`);
    }
    await verb.run(parsed.values, context);
    return EXIT_OK;
  }

  async #runWithoutVerb(
    subject: Subject,
    rest: readonly string[],
  ): Promise<number> {
    const { stoppedAt, stoppedBy } = parseArguments(rest, {
      options: GLOBAL_OPTIONS,
      arguments: {},
    }, { env: readEnv, stopAt: STOP_AT });
    if (stoppedAt === "version") return await this.#printVersion();
    const { helpPage } = await import("./framework/help/help.ts");
    if (stoppedAt === "help") {
      const options = helpOptions(stoppedBy);
      return await this.#print(helpPage(subject, COMMAND_LINE, options));
    }
    if (earlyOptions(this.#args).format !== undefined) {
      throw new UsageError("a verb is required but none was supplied", {
        hint: `see '${PROGRAM} --help'`,
      });
    }
    this.#screen.line(helpPage(subject, COMMAND_LINE, { isShort: true }));
    return EXIT_USAGE;
  }

  #context(
    { onTerminal }: Verb,
    globals: GlobalValues,
    fromEnvironment: ReadonlySet<string>,
    asReference: boolean,
  ): Context {
    const screen = this.#screen;
    const interruption = this.#interruption;
    const format = globals.output ??
      (Deno.stdout.isTerminal() ? onTerminal : "json");
    const { level, complaint } = chooseLogLevel(
      globals.quiet,
      globals.verbose,
      {
        variable: "NET_MESH_LOG",
        value: readEnv("NET_MESH_LOG"),
        targets: LOG_TARGETS,
      },
    );
    const log = new Log({
      level,
      format: globals.logFormat,
      paint: paintOf(globals, Deno.stderr),
      redact: redactTickets,
      line: (text) => screen.line(text),
    });
    this.#log = log;
    if (complaint !== undefined) log.warn(complaint);
    return {
      program: COMMAND_LINE,
      globals,
      fromEnvironment,
      format,
      asReference,
      log,
      screen,
      get signal() {
        return interruption.signal;
      },
      onInterrupt: (postpone) => {
        interruption.postpone = postpone;
      },
      emit: (report, to = "stdout") =>
        inStage("output", async () => {
          const paint = paintOf(globals, Deno[to]);
          const text = await renderReport(report, format, paint);
          if (to === "stderr") return screen.line(text.trimEnd());
          // Both may be one terminal: what is drawn again must not be between.
          screen.status("");
          await printText(text);
        }),
    };
  }

  async #print(text: string): Promise<number> {
    await printText(`${text}\n`);
    return EXIT_OK;
  }

  #printVersion(): Promise<number> {
    return this.#print(`${PROGRAM} ${VERSION}`);
  }

  async #fail(thrown: unknown): Promise<number> {
    const { stage, error: cause } = stageOf(thrown);
    const error = await withUsageHint(
      toTransferError(cause),
      this.#words,
      this.#args,
    );
    const interrupted = this.#interruption.exitCode;
    const code = interrupted ?? exitCode(stage, error.kind);
    const shown = interrupted === undefined || error.kind === "interrupted"
      ? error
      : new TransferError("interrupted", `interrupted (${error.message})`, {
        hint: error.hint,
        fields: error.fields,
      });
    const early = earlyOptions(this.#args);
    const paint = paintOf(early, Deno.stderr);
    this.#screen.status("");
    // The failure is the last line: programs look for it there.
    if (cause instanceof Error && cause.stack !== undefined) {
      this.#log?.debug("stack of the failure", { stack: cause.stack });
    }
    this.#screen.line(
      renderFailure(shown, { exitCode: code, format: early.format, paint }),
    );
    return code;
  }
}

/**
 * Runs the command line and returns the exit code; everything to be printed has
 * been.
 */
export function main(args: readonly string[]): Promise<number> {
  return new Run(args).start();
}
