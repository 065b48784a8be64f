import { OBJECT_LISTING_MAX } from "../limits.ts";
import type { ListingPage } from "./s3_xml.ts";

/** How a store is asked what it has. */
export interface PresenceSource {
  /** A page of a listing, the first without `token`. */
  page(token?: string): Promise<ListingPage>;
  /** Whether it has one. */
  head(hex: string): Promise<boolean>;
}

/**
 * Knows which chunks an object store has, with few requests: by a listing or by
 * asking about each, whichever is less.
 *
 * Neither the number of chunks to come nor of those in the store is known
 * before. The first page of a listing tells the second: hashes are evenly
 * spread, so that the last name of the page shows which part of all it is. Then
 * each chunk is asked about, until that has cost as much as the other pages
 * would; from then on they are fetched. So it costs at most twice what the
 * cheaper of the two would have.
 */
export class Presence {
  readonly #source: PresenceSource;
  readonly #known: Set<string> = new Set();
  /** Those that were asked about and are not there. */
  readonly #absent: Set<string> = new Set();
  /** Names up to this one are known to be there, or not. */
  #listedTo = "";
  #isListed = false;
  #next?: string;
  /** Pages that are left, as far as can be told. */
  #pagesLeft = Infinity;
  #listed = 0;
  #asked = 0;
  #first?: Promise<void>;
  #rest?: Promise<void>;

  constructor(source: PresenceSource) {
    this.#source = source;
  }

  /** Notes that a chunk is there. */
  add(hex: string): void {
    this.#absent.delete(hex);
    if (this.#known.size < OBJECT_LISTING_MAX) this.#known.add(hex);
  }

  /** Whether a chunk is there; one that somebody else stores meanwhile may not be seen. */
  async has(hex: string): Promise<boolean> {
    if (this.#known.has(hex)) return true;
    await (this.#first ??= this.#readPage());
    if (this.#isKnown(hex)) return this.#known.has(hex);
    if (this.#asked >= this.#pagesLeft) {
      await (this.#rest ??= this.#readRest());
      if (this.#isKnown(hex)) return this.#known.has(hex);
    }
    if (this.#absent.has(hex)) return false;
    this.#asked++;
    const isThere = await this.#source.head(hex);
    if (isThere) this.add(hex);
    else if (this.#absent.size < OBJECT_LISTING_MAX) this.#absent.add(hex);
    return isThere;
  }

  #isKnown(hex: string): boolean {
    return this.#known.has(hex) || this.#isListed || hex <= this.#listedTo;
  }

  async #readPage(): Promise<void> {
    const { chunks, next } = await this.#source.page(this.#next);
    for (const { hex } of chunks) this.add(hex);
    const isFull = this.#known.size >= OBJECT_LISTING_MAX;
    // A store that goes on without names, or gives the same page again, is asked
    // about each.
    const isStuck = next !== undefined &&
      (chunks.length === 0 || next === this.#next);
    this.#next = isStuck || isFull ? undefined : next;
    this.#isListed = next === undefined && !isFull;
    this.#listed += chunks.length;
    const last = chunks.at(-1)?.hex ?? "";
    const isSorted = chunks.every(({ hex }, i) =>
      hex > (chunks[i - 1]?.hex ?? this.#listedTo)
    );
    if (isSorted && !isFull) this.#listedTo = last;
    this.#pagesLeft = this.#next === undefined || !isSorted
      ? Infinity
      : pagesAfter(last, this.#listed, chunks.length);
  }

  async #readRest(): Promise<void> {
    while (this.#next !== undefined) await this.#readPage();
  }
}

/**
 * How many more pages there are, as the name at the end of one tells.
 *
 * @param last That name.
 * @param listed Names so far.
 * @param page Names of a page.
 */
function pagesAfter(last: string, listed: number, page: number): number {
  const part = (parseInt(last.slice(0, 12), 16) + 1) / 2 ** 48;
  const total = listed / part;
  if (total > OBJECT_LISTING_MAX) return Infinity;
  return Math.ceil((total - listed) / page);
}
