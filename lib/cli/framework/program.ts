/** What the framework is told of its program. */

import type { ArgumentTable, OptionTable } from "./options/option.ts";

/** A word of the command line and what it stands for. */
export interface Summary {
  readonly name: string;
  /** What it does, in one sentence without a full stop. */
  readonly summary: string;
  /** The heading it stands under in help. */
  readonly group?: string;
}

/** A command line that works, for the help page. */
export interface Example {
  /** What follows the program's name. */
  readonly line: string;
  readonly does: string;
}

/** Something by name, and what it means, in whole sentences. */
export interface Entry {
  readonly name: string;
  readonly meaning: string;
}

/** The tables of a verb. */
export interface VerbTables {
  readonly arguments: ArgumentTable;
  readonly options: OptionTable;
  /** Those of the global options that mean something to it. */
  readonly globals: OptionTable;
  /** More than the summary, where there is more to say; paragraphs. */
  readonly description?: string;
  /** At least one command line that works. */
  readonly examples: readonly Example[];
}

/** Where a verb is found: loaded only when it is needed. */
export interface VerbEntry<V extends VerbTables = VerbTables> extends Summary {
  /** Imports the file of the verb. */
  load(): Promise<{ verb: V }>;
}

/** Verbs under one word. */
export interface GroupEntry<V extends VerbTables = VerbTables> extends Summary {
  readonly verbs: readonly VerbEntry<V>[];
}

/** What can stand at the first place of a command line. */
export type CommandEntry<V extends VerbTables = VerbTables> =
  | VerbEntry<V>
  | GroupEntry<V>;

export interface Program<V extends VerbTables = VerbTables> extends Summary {
  readonly version: string;
  /** Its verbs and groups of verbs, in the order of the help page. */
  readonly commands: readonly CommandEntry<V>[];
  /** The options that are accepted before and after every verb. */
  readonly globals: OptionTable;
  /** Those of them that mean something to every verb. */
  readonly common: OptionTable;
  /** A word that may stand before a verb and changes nothing. */
  readonly ignoredWord: string;
  /** How a shell gets the names that values of the kind `names` can have. */
  readonly names: {
    /** The arguments that make the program print them, one a line. */
    readonly args: string;
    /** The option that is passed on to it when it was given, with its dashes. */
    readonly option: string;
  };
  /** What the help page of the program shows: a comment, command lines. */
  readonly example: { readonly does: string; readonly lines: string[] };
  readonly exitStatus: readonly Entry[];
  /** Environment variables that no option stands for. */
  readonly variables: readonly Entry[];
  /** The files the program looks for by itself. */
  readonly files: readonly Entry[];
}
