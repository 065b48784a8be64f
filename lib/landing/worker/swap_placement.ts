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

  constructor(
    private readonly target: Target,
    private readonly ops: InPlaceOperations,
  ) {
    this.site = target.parent;
  }

  tempPath(): string {
    return leftoverPath(this.target, "fetch", this.ops.token());
  }

  repair(): string[] {
    const { replaced } = findLeftovers(this.ops, this.target);
    if (this.ops.exists(this.target.out)) this.#superseded = replaced;
    const said = repairSwap(this.ops, this.target, replaced);
    return [...said, ...this.#inside()?.repair() ?? []];
  }

  collect(): string[] {
    const { fetch, removing } = findLeftovers(this.ops, this.target);
    return [
      ...removing,
      ...this.#mark(fetch),
      ...this.#inside()?.collect() ?? [],
    ];
  }

  install(temp: string, look?: TreeLook): Swapped {
    const { old, warnings } = swapIn(this.ops, this.target, temp, look);
    // Whole until now, as the new tree may not have been.
    return { old: [...old, ...this.#mark(this.#superseded)], warnings };
  }

  #mark(paths: readonly string[]): string[] {
    return paths.map((path) => markForRemoval(this.ops, this.target, path));
  }

  /** What runs that worked inside the target left is put right, too. */
  #inside(): InPlace | undefined {
    const { out } = this.target;
    if (lookAt(out)?.isDirectory !== true) return undefined;
    return new InPlace(out, this.ops, false);
  }
}
