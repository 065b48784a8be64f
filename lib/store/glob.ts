/** Tells whether one character of a name is a right one. */
type CharacterTest = (character: string) => boolean;

/** Part of the pattern of one name: any run of characters, or one character. */
type NameToken = "*" | CharacterTest;

/** The pattern of one name, or any number of names. */
type Segment = "**" | readonly NameToken[];

/** A compiled glob: the patterns of names from the top down. */
export type Glob = readonly Segment[];

const ANY_NAME: Segment = ["*"];

const POSIX_CLASSES: Readonly<Record<string, CharacterTest>> = {
  alnum: (c) => /^[0-9A-Za-z]$/.test(c),
  alpha: (c) => /^[A-Za-z]$/.test(c),
  blank: (c) => c === " " || c === "\t",
  cntrl: (c) => c < " " || c === "\x7f",
  digit: (c) => /^[0-9]$/.test(c),
  graph: (c) => /^[!-~]$/.test(c),
  lower: (c) => /^[a-z]$/.test(c),
  print: (c) => /^[ -~]$/.test(c),
  punct: (c) => /^[!-/:-@[-`{-~]$/.test(c),
  space: (c) => /^[ \t\n\v\f\r]$/.test(c),
  upper: (c) => /^[A-Z]$/.test(c),
  xdigit: (c) => /^[0-9A-Fa-f]$/.test(c),
};

/** Reads a glob from its beginning to its end. */
class GlobReader {
  readonly #characters: readonly string[];
  readonly #segments: Segment[] = [];
  #name: NameToken[] = [];
  /** Whether all of the name so far are stars, and how many. */
  #stars = 0;
  #at = 0;

  constructor(text: string) {
    this.#characters = [...text];
  }

  read(): Glob {
    while (this.#at < this.#characters.length) {
      const character = this.#characters[this.#at++];
      if (character === "/") this.#endName();
      else if (character === "*") this.#star();
      else if (character === "?") this.#name.push(() => true);
      else if (character === "[") this.#name.push(this.#class());
      else if (character === "\\") this.#literal(this.#next());
      else this.#literal(character);
    }
    this.#endName();
    // What ends in /** is all that lies below, and not the directory itself.
    if (this.#segments.at(-1) === "**") this.#segments.push(ANY_NAME);
    return this.#segments;
  }

  #next(): string {
    const character = this.#characters[this.#at++];
    if (character === undefined) {
      throw new RangeError("ends in a backslash that escapes nothing");
    }
    return character;
  }

  #literal(character: string): void {
    if (character === "/") this.#endName();
    else this.#name.push((found) => found === character);
  }

  #star(): void {
    if (this.#name.length === this.#stars) this.#stars++;
    this.#name.push("*");
  }

  #endName(): void {
    const onlyStars = this.#name.length === this.#stars;
    this.#segments.push(onlyStars && this.#stars > 1 ? "**" : this.#name);
    this.#name = [];
    this.#stars = 0;
  }

  #class(): CharacterTest {
    const tests: CharacterTest[] = [];
    let negated = false;
    if (["!", "^"].includes(this.#characters[this.#at])) {
      negated = true;
      this.#at++;
    }
    /** The character that a following dash makes a range of. */
    let low: string | undefined;
    for (let first = true;; first = false) {
      const character = this.#inClass();
      if (character === "]" && !first) break;
      if (character === "-" && low !== undefined && this.#rangeFollows()) {
        const from = low;
        const to = this.#escaped(this.#inClass());
        tests.push((found) =>
          codeOf(found) >= codeOf(from) &&
          codeOf(found) <= codeOf(to)
        );
        low = undefined;
      } else if (character === "[" && this.#characters[this.#at] === ":") {
        const test = this.#posixClass();
        tests.push(test ?? ((found) => found === "["));
        low = test === undefined ? "[" : undefined;
      } else {
        const single = this.#escaped(character);
        tests.push((found) => found === single);
        low = single;
      }
    }
    return (found) => tests.some((test) => test(found)) !== negated;
  }

  #inClass(): string {
    const character = this.#characters[this.#at++];
    if (character === undefined) {
      throw new RangeError("opens a character class with [ and never ends it");
    }
    return character;
  }

  #escaped(character: string): string {
    return character === "\\" ? this.#inClass() : character;
  }

  #rangeFollows(): boolean {
    const next = this.#characters[this.#at];
    return next !== undefined && next !== "]";
  }

  /** Reads `:name:]`; what is no such thing stays unread. */
  #posixClass(): CharacterTest | undefined {
    const end = this.#characters.indexOf("]", this.#at + 1);
    if (end < 0) {
      throw new RangeError("opens a character class with [ and never ends it");
    }
    const inside = this.#characters.slice(this.#at + 1, end).join("");
    if (!inside.endsWith(":")) return undefined;
    const name = inside.slice(0, -1);
    if (!Object.hasOwn(POSIX_CLASSES, name)) {
      throw new RangeError(`has the unknown character class [:${name}:]`);
    }
    this.#at = end + 1;
    return POSIX_CLASSES[name];
  }
}

function codeOf(character: string): number {
  return character.codePointAt(0) ?? 0;
}

/**
 * Compiles a glob: `*` and `?` within a name, `[a-z]`, `[!a]`, `[[:digit:]]`,
 * a backslash before anything, and `**` for any number of names.
 */
export function parseGlob(text: string): Glob {
  return new GlobReader(text).read();
}

/**
 * Matches items against a pattern with wildcards for any number of items. Goes
 * back to the last wildcard only, so that the time is bounded by the product
 * of both lengths whatever a sender calls its files.
 */
function matchAll<P, T>(
  pattern: readonly P[],
  items: readonly T[],
  isWild: (part: P) => boolean,
  matchOne: (part: P, item: T) => boolean,
): boolean {
  let part = 0;
  let item = 0;
  let wild = -1;
  let wildItem = 0;
  while (item < items.length) {
    if (part < pattern.length && isWild(pattern[part])) {
      wild = part++;
      wildItem = item;
    } else if (
      part < pattern.length && matchOne(pattern[part], items[item])
    ) {
      part++;
      item++;
    } else if (wild >= 0) {
      part = wild + 1;
      item = ++wildItem;
    } else return false;
  }
  while (part < pattern.length && isWild(pattern[part])) part++;
  return part === pattern.length;
}

function matchName(pattern: readonly NameToken[], name: string): boolean {
  return matchAll(
    pattern,
    [...name],
    (token) => token === "*",
    (token, character) => token !== "*" && token(character),
  );
}

/** Tells whether a glob matches all of these names. */
export function matchGlob(glob: Glob, names: readonly string[]): boolean {
  return matchAll(
    glob,
    names,
    (segment) => segment === "**",
    (segment, name) => segment !== "**" && matchName(segment, name),
  );
}
