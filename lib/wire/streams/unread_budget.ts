/**
 * What peers have sent and nobody has read, of all connections of a listener:
 * one bound, and whoever has most of it pays when it is passed.
 *
 * Connections are counted by whom they belong to, so that many small ones of one
 * peer do not hide behind each other.
 */

/** The unread data of all connections that joined. */
export class UnreadBudget {
  readonly #max: number;
  readonly #groups = new Map<string, Set<UnreadShare>>();
  #total = 0;

  /** @param max Bytes, overhead included, for all together. */
  constructor(max: number) {
    this.#max = max;
  }

  /** Bytes that are charged at present. */
  get total(): number {
    return this.#total;
  }

  /**
   * Adds a connection.
   *
   * @param group Whose it is.
   * @param end Ends it, when it is the one that has to pay.
   */
  join(group: string, end: () => void): UnreadShare {
    const shares = this.#groups.get(group) ?? new Set();
    this.#groups.set(group, shares);
    const share: UnreadShare = new UnreadShare({
      end,
      charge: (change) => {
        this.#total += change;
        return change <= 0 || this.#total <= this.#max || this.#collect(share);
      },
      leave: () => {
        this.#total -= share.charged;
        shares.delete(share);
        if (shares.size === 0) this.#groups.delete(group);
      },
    });
    shares.add(share);
    return share;
  }

  /**
   * Ends the largest connections of whoever has most, until the rest fits;
   * returns whether that of `caller` is none of them.
   */
  #collect(caller: UnreadShare): boolean {
    while (this.#total > this.#max) {
      const share = largestOf(this.#most());
      share.leave();
      if (share === caller) return false;
      share.end();
    }
    return true;
  }

  #most(): Set<UnreadShare> {
    let most = new Set<UnreadShare>();
    let bytes = -1;
    for (const shares of this.#groups.values()) {
      let sum = 0;
      for (const { charged } of shares) sum += charged;
      if (sum > bytes) [most, bytes] = [shares, sum];
    }
    return most;
  }
}

function largestOf(shares: Iterable<UnreadShare>): UnreadShare {
  const [first, ...others] = shares;
  return others.reduce(
    (most, share) => share.charged > most.charged ? share : most,
    first,
  );
}

/** How a share and its budget belong together. */
interface Membership {
  end: () => void;
  /** Whether the connection may go on. */
  charge: (change: number) => boolean;
  leave: () => void;
}

/** The part of one connection in an {@linkcode UnreadBudget}. */
export class UnreadShare {
  /** Bytes that it is charged for. */
  charged = 0;
  #left = false;
  readonly #budget: Membership;

  /** Use {@linkcode UnreadBudget.join}. */
  constructor(budget: Membership) {
    this.#budget = budget;
  }

  /**
   * Notes how much there is now.
   *
   * @returns Whether the connection may go on.
   */
  set(bytes: number): boolean {
    if (this.#left) return true;
    const change = bytes - this.charged;
    this.charged = bytes;
    return change === 0 || this.#budget.charge(change);
  }

  /** Ends the connection. */
  end(): void {
    this.#budget.end();
  }

  /** The connection is over, or has paid. */
  leave(): void {
    if (this.#left) return;
    this.#left = true;
    this.#budget.leave();
    this.charged = 0;
  }
}
