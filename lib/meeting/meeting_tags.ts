import { ExistsError, PermissionError } from "../errors.ts";
import { MEETING_TAGS_MAX, MEETING_TAGS_PER_KEY } from "../limits.ts";
import { toHex } from "../text/hex.ts";

/** What a {@linkcode MeetingTags} needs of a session. */
interface Attached {
  readonly remote: { readonly publicKey: Uint8Array };
  readonly closed: Promise<unknown>;
}

/**
 * Which of the nodes that are attached to a meeting point has which number: a
 * tag for each, as long as the session of the node that has said so.
 */
export class MeetingTags {
  readonly #byTag = new Map<string, Attached>();
  readonly #bySession = new WeakMap<Attached, Set<string>>();
  /** How many tags a key has. */
  readonly #counts = new Map<string, number>();

  /**
   * Takes a tag in; a node that has attached again takes over its own.
   *
   * @throws {ExistsError} When another node has it.
   * @throws {PermissionError} When there are too many, of the key or of all.
   */
  add(tag: Uint8Array, session: Attached): void {
    const hex = toHex(tag);
    const key = toHex(session.remote.publicKey);
    const holder = this.#byTag.get(hex);
    if (holder !== undefined && toHex(holder.remote.publicKey) !== key) {
      throw new ExistsError("another node has this number");
    }
    if (holder === undefined) {
      const count = this.#counts.get(key) ?? 0;
      if (
        count >= MEETING_TAGS_PER_KEY || this.#byTag.size >= MEETING_TAGS_MAX
      ) {
        throw new PermissionError("there are too many numbers here");
      }
      this.#counts.set(key, count + 1);
    }
    this.#byTag.set(hex, session);
    const own = this.#bySession.get(session);
    if (own !== undefined) {
      own.add(hex);
      return;
    }
    this.#bySession.set(session, new Set([hex]));
    session.closed.then(() => {
      for (const hex of this.#bySession.get(session) ?? []) {
        this.#remove(hex, session);
      }
    });
  }

  /** Forgets a tag of a session. */
  delete(tag: Uint8Array, session: Attached): void {
    this.#remove(toHex(tag), session);
  }

  /** The key of the node that has a tag. */
  find(tag: Uint8Array): Uint8Array | undefined {
    return this.#byTag.get(toHex(tag))?.remote.publicKey;
  }

  #remove(hex: string, session: Attached): void {
    this.#bySession.get(session)?.delete(hex);
    // A newer session of the same node may have it.
    if (this.#byTag.get(hex) !== session) return;
    this.#byTag.delete(hex);
    const key = toHex(session.remote.publicKey);
    const count = (this.#counts.get(key) ?? 0) - 1;
    if (count > 0) this.#counts.set(key, count);
    else this.#counts.delete(key);
  }
}
