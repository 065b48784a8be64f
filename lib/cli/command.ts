/**
 * What a verb is: its tables, its help and what it does.
 *
 * @module
 */

import type { GlobalValues } from "./options/global_options.ts";
import type {
  ArgumentTable,
  OptionTable,
  ValuesOf,
} from "./framework/options/option.ts";
import type { OutputFormat, Report } from "./framework/output/report.ts";
import type { Scope } from "./scope.ts";
import type { Log } from "./framework/terminal/log.ts";
import type { Screen } from "./framework/terminal/screen.ts";

/** A command line that works, for the help page. */
export interface Example {
  /** What follows the program's name. */
  readonly line: string;
  /** What it does. */
  readonly does: string;
}

/** Everything a running verb has of its surroundings. */
export interface Context {
  /** All verbs and groups of the program, for those that tell of them. */
  readonly commands: readonly CommandEntry[];
  /** The values of the global options. */
  readonly globals: GlobalValues;
  /** Names of the options that an environment variable has set. */
  readonly fromEnvironment: ReadonlySet<string>;
  /** How the result is printed. */
  readonly format: OutputFormat;
  /** The log on stderr. */
  readonly log: Log;
  /** stderr: log lines, messages and the progress line. */
  readonly screen: Screen;
  /** Aborted by SIGINT and SIGTERM, which are handled from its first use on. */
  readonly signal: AbortSignal;
  /**
   * Prints the one result of the verb.
   *
   * @param to Where: stderr when stdout carries the content itself.
   */
  emit(report: Report, to?: "stdout" | "stderr"): Promise<void>;
}

/** What help needs to know of a verb or a group of verbs. */
export interface Summary {
  /** The word on the command line. */
  readonly name: string;
  /** What it does, in one sentence without a full stop. */
  readonly summary: string;
}

/** A verb, ready to run. */
export interface Verb {
  /** Its arguments in order. */
  readonly arguments: ArgumentTable;
  /** Its own options. */
  readonly options: OptionTable;
  /** More than the summary, where there is more to say; paragraphs. */
  readonly description?: string;
  /** At least one command line that works. */
  readonly examples: readonly Example[];
  /** Which of the global options apply to it. */
  readonly scope: Scope;
  /** Does it. The values are those of the two tables. */
  run(
    values: Readonly<Record<string, unknown>>,
    context: Context,
  ): Promise<void>;
}

/** A verb as its file writes it: `run` gets the values as the tables type them. */
export interface VerbDefinition<
  A extends ArgumentTable,
  O extends OptionTable,
> {
  /** See {@linkcode Verb.arguments}. */
  readonly arguments: A;
  /** See {@linkcode Verb.options}. */
  readonly options: O;
  /** See {@linkcode Verb.description}. */
  readonly description?: string;
  /** See {@linkcode Verb.examples}. */
  readonly examples: readonly Example[];
  /**
   * See {@linkcode Verb.scope}.
   *
   * @default {"local"}
   */
  readonly scope?: Scope;
  /** See {@linkcode Verb.run}. */
  run(values: ValuesOf<A> & ValuesOf<O>, context: Context): Promise<void>;
}

/** Where a verb is found: loaded only when it is asked for. */
export interface VerbEntry extends Summary {
  /** Imports the file of the verb. */
  load(): Promise<{ verb: Verb }>;
}

/** Verbs under one word. */
export interface GroupEntry extends Summary {
  /** The verbs. */
  readonly verbs: readonly VerbEntry[];
}

/** What can stand at the first place of a command line. */
export type CommandEntry = VerbEntry | GroupEntry;

/**
 * Makes a {@linkcode Verb} of a typed definition.
 *
 * @example
 * ```ts
 * import { defineVerb } from "./command.ts";
 * import { argument } from "./framework/options/option.ts";
 * import { PATH } from "./framework/options/value_kind.ts";
 *
 * export const verb = defineVerb({
 *   arguments: { path: argument(PATH, "What to look at") },
 *   options: {},
 *   examples: [{ line: "look a.txt", does: "Look at a file" }],
 *   run: async ({ path }, context) => {
 *     await context.emit({ fields: { path }, text: () => path });
 *   },
 * });
 * ```
 */
export function defineVerb<A extends ArgumentTable, O extends OptionTable>(
  definition: VerbDefinition<A, O>,
): Verb {
  return {
    arguments: definition.arguments,
    options: definition.options,
    description: definition.description,
    examples: definition.examples,
    scope: definition.scope ?? "local",
    run: (values, context) =>
      // The parser filled `values` from these very tables.
      definition.run(values as ValuesOf<A> & ValuesOf<O>, context),
  };
}
