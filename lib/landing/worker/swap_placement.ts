/** A tree put in place by renames beside the target. */

import { lookAt } from "../../os/os_error.ts";
import { InPlace, type InPlaceOperations } from "./in_place.ts";
import { findLeftovers, leftoverPath } from "./leftovers.ts";
import type { Placement } from "./placement.ts";
import {
  markForRemoval,
  repairSwap,
  swapIn,
  type Swapped,
  type TreeLook,
} from "./swap.ts";
import type { Target } from "./target.ts";

/** Swaps trees in. */
export class SwapPlacement implements Placement {
  readonly site: string;
  /** Old trees beside a target that is there: a run ended between two steps. */
  #superseded: string[] = [];
  #within: InPlace | undefined;

  constructor(
    private readonly target: Target,
    private readonly ops: InPlaceOperations,
  ) {
    this.site = target.parent;
  }

  places(): Target[] {
    return [this.target, ...this.#inside()?.places() ?? []];
  }

  tempPath(token: string): string {
    return leftoverPath(this.target, "fetch", token);
  }

  repair(): string[] {
    const { replaced } = findLeftovers(this.ops, this.target);
    if (this.ops.exists(this.target.out)) this.#superseded = replaced;
    const said = repairSwap(this.ops, this.target, replaced);
    const fate = "goes with the tree that it is in";
    return [...said, ...this.#inside()?.repair(fate) ?? []];
  }

  collect(): string[] {
    const { probe, removing } = findLeftovers(this.ops, this.target);
    return [
      ...probe,
      ...removing,
      ...this.#inside()?.collect() ?? [],
    ];
  }

  /** The tree is renamed, and stays the same directory. */
  prepare(): void {}

  cancel(): string[] {
    return [];
  }

  install(temp: string, look?: TreeLook): Swapped {
    const { old, warnings } = swapIn(this.ops, this.target, temp, look);
    // Whole until now, as the new tree may not have been.
    return { old: [...old, ...this.superseded()], warnings };
  }

  superseded(): string[] {
    return this.#mark(this.#superseded.splice(0));
  }

  #mark(paths: readonly string[]): string[] {
    return paths.map((path) => markForRemoval(this.ops, this.target, path));
  }

  /** What runs that worked inside the target left is put right, too. */
  #inside(): InPlace | undefined {
    const { out } = this.target;
    if (lookAt(out)?.isDirectory !== true) return undefined;
    return this.#within ??= new InPlace(out, this.ops, false);
  }
}
