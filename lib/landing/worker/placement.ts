/** How a finished tree gets to its place. */

import type { Target } from "./target.ts";
import type { Swapped, TreeLook } from "./swap.ts";

/** A way to put a finished tree in the target's place. */
export interface Placement {
  /** The directory that everything is written in. */
  readonly site: string;
  /** Where trees are filled that are to come to the target. */
  places(): Target[];
  /**
   * The name of the temp tree.
   *
   * @param token 16 hex digits of its manifest's hash.
   */
  tempPath(token: string): string;
  /**
   * Puts right what runs that were stopped have left, so that the target is an
   * old tree or a new one.
   *
   * @returns Sentences for the user.
   */
  repair(): string[];
  /**
   * Finds what earlier runs have left to be removed, once the target is right,
   * but for trees that were not whole.
   *
   * @returns Its paths, under names that say that it is being removed.
   */
  collect(): string[];
  /**
   * Finds old trees that were moved aside for the one at the target, of which it
   * is known now that it is whole.
   *
   * @returns Their paths, under names that say that they are being removed.
   */
  superseded(): string[];
  /**
   * Does what comes before the first change of the target. From here on what is
   * at the target tells whether the tree is in place, or will be: its identity
   * can be noted.
   *
   * @param temp The tree, which is whole.
   * @throws {IoError} With the field `target_state`.
   */
  prepare(temp: string): void;
  /**
   * Takes back what was prepared, unless the tree was put in place.
   *
   * @returns What is to be removed.
   */
  cancel(): string[];
  /**
   * Puts the tree in place, which was prepared.
   *
   * @param temp The tree.
   * @param look Looks at it again when it is in its place; where it is not
   * whole, what was there is put back.
   * @returns What was there, to be removed.
   * @throws {IoError} With the field `target_state`.
   */
  install(temp: string, look?: TreeLook): Swapped;
}
