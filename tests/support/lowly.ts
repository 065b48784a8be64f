/**
 * The program as somebody who may not read everything: as root without its
 * capabilities, where the tests run as root.
 */

import type { HolderProcess } from "../../scripts/holder_process.ts";
import {
  type Finished,
  type Program,
  runProgram,
} from "../../scripts/program.ts";
import { isolated, startHolder } from "./cli.ts";
import { TEST_PROGRAM } from "./test_program.ts";
import { onWindows } from "./unless.ts";

const isRoot = onWindows === undefined && Deno.uid() === 0;
const SETPRIV = ["setpriv", "--inh-caps=-all", "--bounding-set=-all", "--"];

async function findObstacle(): Promise<string | undefined> {
  if (!isRoot) return onWindows;
  try {
    const [command, ...args] = [...SETPRIV, "cat", "/proc/self/status"];
    const { success } = await new Deno.Command(command, { args }).output();
    return success ? undefined : "setpriv does not work here";
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return "root may read everything, and there is no setpriv";
  }
}

const program: Program = isRoot ? [...SETPRIV, ...TEST_PROGRAM] : TEST_PROGRAM;

/** Runs it so. */
export const lowly = {
  /** What is in the way of that, if anything. */
  obstacle: await findObstacle(),

  run(args: readonly string[]): Promise<Finished> {
    return runProgram(program, args, isolated({}));
  },

  startHolder(home: string, args: readonly string[]): Promise<HolderProcess> {
    return startHolder(home, args, { program });
  },
};
