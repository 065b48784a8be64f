/**
 * What the reference (net-mesh 0.27.0, built from its tag) did when it was run:
 * its exit code for each of some command lines. Where a line needed files or a
 * configuration, `recorded_setups.ts` makes them anew.
 *
 * A line of the data is `id`, code (negative: the signal that ended it), words,
 * a variable, and the first words of what it said. `ATTACH` is the four flags of
 * a node, `SMALL` and `TREE` are references of what that holds.
 */

/** One run. */
export interface RecordedRun {
  readonly code: number;
  /** Its words, of which those with blanks are in JSON. */
  readonly line: string;
  readonly env: Readonly<Record<string, string>>;
  readonly says: string;
}

async function* readRuns(): AsyncGenerator<[string, RecordedRun]> {
  for (const name of ["arguments", "files"]) {
    const url = new URL(`recorded_${name}.tsv`, import.meta.url);
    for (
      const text of (await Deno.readTextFile(url)).split("\n").filter((text) =>
        text !== ""
      )
    ) {
      const [id, code, line, variable, says] = text.split("\t");
      const at = variable.indexOf("=");
      const env = at < 0
        ? {}
        : { [variable.slice(0, at)]: variable.slice(at + 1) };
      yield [id, { code: Number(code), line, env, says }];
    }
  }
}

/** All runs by their ids. */
export const RECORDED: ReadonlyMap<string, RecordedRun> = new Map(
  await Array.fromAsync(readRuns()),
);

/** The outcome of a run, for the reference's column of a row. */
export function recorded(id: string): { code: number } {
  const run = RECORDED.get(id);
  if (run === undefined) throw new Error(`no run is called ${id}`);
  return { code: run.code };
}
