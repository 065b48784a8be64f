import { timingSafeEqual } from "@std/crypto/timing-safe-equal";
import { UsageError } from "../errors.ts";
import { KEYRING_MAX, PSK_NAME_MAX } from "../limits.ts";
import { type AcceptedPsk, KEY_LENGTH, type PskScope } from "../wire/mod.ts";

/** Name of the pre-shared key of a node that was given one without a name. */
export const DEFAULT_PSK_NAME = "default";

/** A key of a {@linkcode Keyring}, without the secret. */
export interface KeyringEntry {
  /** What it is called; sessions tell it as `remote.psk`. */
  readonly name: string;
  /**
   * What it is for. `meeting`: two ends that know a code find each other. Such a
   * key is no secret; sessions that attach with it come from nowhere else than
   * `Node.sessions("meeting")`, and no relay passes their packets on.
   *
   * @default {all that the node offers}
   */
  readonly scope?: PskScope;
}

/** What an endpoint does about changes of a {@linkcode Keyring}. */
export interface KeyringWatcher {
  /** Peers may attach with it from now on. */
  onAdded(psk: AcceptedPsk): void;
  /** Nobody may any more; its secret is overwritten after the call. */
  onRevoked(psk: AcceptedPsk): void;
}

/** Whether a text may name a pre-shared key: it is safe in any file and shell. */
export function isPskName(text: string): boolean {
  return text.length <= PSK_NAME_MAX && /^[a-z0-9][a-z0-9_-]*$/i.test(text);
}

/**
 * The pre-shared keys of a node, each with a name, so that peers can be let in
 * and shut out one by one while the node runs. It owns its copies of the secrets,
 * and overwrites them as soon as they are of no more use.
 *
 * @example
 * ```ts
 * import { ephemeralIdentity, Keyring, Node } from "./mod.ts";
 *
 * const keyring = new Keyring();
 * const secret = crypto.getRandomValues(new Uint8Array(32));
 * keyring.add("ann", secret);
 * await using node = await Node.listen({
 *   address: "127.0.0.1:0",
 *   psk: keyring,
 *   identity: ephemeralIdentity(),
 * });
 * keyring.revoke("ann"); // her sessions end
 * console.log(keyring.list(), node.publicKey);
 * ```
 */
export class Keyring implements Disposable {
  readonly #psks = new Map<string, AcceptedPsk>();
  readonly #watchers = new Set<KeyringWatcher>();

  /**
   * Lets peers attach with a key, at once where a node listens with the keyring.
   *
   * @param name 1 to 64 letters, digits, `_` and `-`, no sign at the start.
   * @param secret 32 bytes, of which a copy is kept.
   * @throws {UsageError} When the name cannot be one or is taken, when the secret
   * has another length or is there under another name, so that to revoke one of
   * them would shut nobody out, or when there are {@linkcode KEYRING_MAX}.
   */
  add(
    name: string,
    secret: Uint8Array,
    { scope }: Pick<KeyringEntry, "scope"> = {},
  ): void {
    if (!isPskName(name)) {
      throw new UsageError(
        `a pre-shared key cannot be called ${JSON.stringify(name)}`,
        {
          hint:
            `take 1 to ${PSK_NAME_MAX} letters, digits, '_' and '-', and begin with a letter or digit`,
        },
      );
    }
    if (secret.length !== KEY_LENGTH) {
      throw new UsageError(
        `the pre-shared key ${name} has ${secret.length} bytes, not ${KEY_LENGTH}`,
      );
    }
    if (this.#psks.has(name)) {
      throw new UsageError(`there is a pre-shared key ${name} already`);
    }
    for (const other of this.#psks.values()) {
      if (!timingSafeEqual(other.secret, secret)) continue;
      throw new UsageError(
        `the pre-shared key ${name} is that of ${other.name}`,
        { hint: "draw a key of its own for each" },
      );
    }
    if (this.#psks.size >= KEYRING_MAX) {
      throw new UsageError(`there are ${KEYRING_MAX} pre-shared keys already`, {
        hint: "revoke one that is not used any more",
      });
    }
    const psk: AcceptedPsk = {
      name,
      secret: secret.slice(),
      ...(scope && { scope }),
    };
    this.#psks.set(name, psk);
    for (const watcher of this.#watchers) watcher.onAdded(psk);
  }

  /**
   * Takes a key no more: sessions that attached with it end at once, and their
   * peers are told why.
   *
   * @returns Whether there was one of that name.
   */
  revoke(name: string): boolean {
    const psk = this.#psks.get(name);
    if (psk === undefined) return false;
    this.#psks.delete(name);
    for (const watcher of this.#watchers) watcher.onRevoked(psk);
    psk.secret.fill(0);
    return true;
  }

  /** The keys that peers may attach with, without their secrets. */
  list(): KeyringEntry[] {
    return Array.from(
      this.#psks.values(),
      ({ name, scope }) => ({ name, ...(scope && { scope }) }),
    );
  }

  /**
   * A copy of a secret, which is its caller's to overwrite.
   *
   * @returns `undefined` when there is no key of that name.
   */
  secretOf(name: string): Uint8Array | undefined {
    return this.#psks.get(name)?.secret.slice();
  }

  /**
   * Keeps an endpoint in step.
   *
   * @returns The keys that are there now. The endpoint must give `watcher` back
   * to {@linkcode Keyring.unwatch} when it is closed.
   * @internal
   */
  watch(watcher: KeyringWatcher): readonly AcceptedPsk[] {
    this.#watchers.add(watcher);
    return [...this.#psks.values()];
  }

  /**
   * Tells a watcher no more.
   *
   * @internal
   */
  unwatch(watcher: KeyringWatcher): void {
    this.#watchers.delete(watcher);
  }

  /** Revokes all keys. */
  [Symbol.dispose](): void {
    for (const name of [...this.#psks.keys()]) this.revoke(name);
  }
}
