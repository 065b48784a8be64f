/** What a verb is: its tables, its help and what it does. */

import type {
  ArgumentTable,
  OptionTable,
  ValuesOf,
} from "./framework/options/option.ts";
import type { OutputFormat, Report } from "./framework/output/report.ts";
import type { Program, VerbTables } from "./framework/program.ts";
import type { Log } from "./framework/terminal/log.ts";
import type { Screen } from "./framework/terminal/screen.ts";
import {
  globalOptionsFor,
  type GlobalValues,
  type Scope,
} from "./options/global_options.ts";

/** Everything a running verb has of its surroundings. */
export interface Context {
  /** The whole command line, for the verbs that describe it. */
  readonly program: Program;
  readonly globals: GlobalValues;
  /** Names of the options that an environment variable has set. */
  readonly fromEnvironment: ReadonlySet<string>;
  readonly format: OutputFormat;
  /** Whether the reference's first word was used: then its rules hold. */
  readonly asReference: boolean;
  readonly log: Log;
  /** stderr: log lines, messages and the progress line. */
  readonly screen: Screen;
  /** Aborted by SIGINT, SIGTERM and SIGHUP, which are handled from its first use on. */
  readonly signal: AbortSignal;
  /**
   * Has Ctrl-C ask whether it may wait for another one, until the work is over.
   * It may do so again and again.
   */
  onInterrupt(postpone: () => boolean): void;
  /** Prints the one result of the verb: on stderr when stdout carries the content. */
  emit(report: Report, to?: "stdout" | "stderr"): Promise<void>;
}

export interface Verb extends VerbTables {
  /** How its result is shown on a terminal, unless it is told. */
  readonly onTerminal: OutputFormat;
  run(
    values: Readonly<Record<string, unknown>>,
    context: Context,
  ): Promise<void>;
}

/** A verb as its file writes it: `run` gets the values as the tables type them. */
export interface VerbDefinition<
  A extends ArgumentTable,
  O extends OptionTable,
> extends Omit<VerbTables, "globals"> {
  readonly arguments: A;
  readonly options: O;
  /** Which of the global options apply to it; `local` by default. */
  readonly scope?: Scope;
  /** How its result is shown on a terminal; `table` by default. */
  readonly onTerminal?: OutputFormat;
  run(values: ValuesOf<A> & ValuesOf<O>, context: Context): Promise<void>;
}

export function defineVerb<A extends ArgumentTable, O extends OptionTable>(
  { scope = "local", onTerminal = "table", run, ...tables }: VerbDefinition<
    A,
    O
  >,
): Verb {
  return {
    ...tables,
    onTerminal,
    globals: globalOptionsFor(scope),
    run: (values, context) =>
      // The parser filled `values` from these very tables.
      run(values as ValuesOf<A> & ValuesOf<O>, context),
  };
}
