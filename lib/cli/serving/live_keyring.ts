import { equals } from "@std/bytes/equals";
import { ConfigError } from "../../errors.ts";
import { KEYRING_LOOK_MS } from "../../limits.ts";
import { DEFAULT_PSK_NAME, Keyring } from "../../mesh/mod.ts";
import {
  type FileStamp,
  isSettled,
  sameStamp,
  stampOf,
} from "../../os/file_identity.ts";
import { lookAt } from "../../os/os_error.ts";
import { messageOf } from "../failure.ts";
import type { Log } from "../framework/terminal/log.ts";
import {
  erasePsks,
  type NamedPsk,
  readKeyringFile,
} from "../node/keyring_file.ts";

interface LiveKeyringOptions {
  /** The keyring file; it need not be there. */
  readonly path: string;
  /** The permanent key of the node, which no file of names has. */
  readonly permanent: Uint8Array;
  readonly insecurePermissions: boolean;
  readonly log: Log;
}

/**
 * The pre-shared keys of a node that runs: its permanent one, and those of its
 * keyring file, which is looked at again and again, so that what `psk` changes
 * counts within a second or two and no signal has to be sent.
 *
 * A file that is gone has no keys. One that cannot be read or used changes
 * nothing, with a warning: half of an edit shuts nobody out.
 */
export class LiveKeyring implements Disposable {
  readonly keyring = new Keyring();
  readonly #options: LiveKeyringOptions;
  /** Names that came from the file. */
  readonly #named = new Set<string>();
  #stamp: FileStamp | undefined;
  #isSettled = false;
  #problem: string | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isOver = false;
  /** Told which names have another key than before, or none; must not throw. */
  onChanged: (names: ReadonlySet<string>) => void = () => {};

  private constructor(options: LiveKeyringOptions) {
    this.#options = options;
    this.keyring.add(DEFAULT_PSK_NAME, options.permanent);
  }

  /**
   * Reads the file and begins to look after it.
   *
   * @throws {TransferError} When it cannot be used.
   */
  static async open(options: LiveKeyringOptions): Promise<LiveKeyring> {
    const live = new LiveKeyring(options);
    await live.#read(live.#look());
    live.#wait();
    return live;
  }

  /** Looks no more, and overwrites all keys. */
  [Symbol.dispose](): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.keyring[Symbol.dispose]();
  }

  #wait(): void {
    this.#timer = setTimeout(async () => {
      await this.#refresh();
      if (!this.#isOver) this.#wait();
    }, KEYRING_LOOK_MS);
  }

  async #refresh(): Promise<void> {
    const { log, path } = this.#options;
    try {
      const stamp = this.#look();
      if (this.#isSettled && isUnchanged(stamp, this.#stamp)) return;
      await this.#read(stamp);
      this.#problem = undefined;
    } catch (error) {
      const reason = messageOf(error);
      if (reason === this.#problem || this.#isOver) return;
      this.#problem = reason;
      log.warn("the keyring file cannot be used, all keys stay as they are", {
        path,
        reason,
      });
    }
  }

  #look(): FileStamp | undefined {
    const info = lookAt(this.#options.path);
    return info && stampOf(info);
  }

  async #read(stamp: FileStamp | undefined): Promise<void> {
    const { path, insecurePermissions } = this.#options;
    const psks = await readKeyringFile(path, { insecurePermissions });
    try {
      if (!this.#isOver) this.#take(psks);
    } finally {
      erasePsks(psks);
    }
    this.#stamp = stamp;
    // Where the system tells too little, and soon after a change, each look reads.
    this.#isSettled = stamp === undefined
      ? lookAt(path) === undefined
      : isSettled(stamp, Date.now());
  }

  /** Has the named keys be these: whoever has another one is shut out first. */
  #take(psks: readonly NamedPsk[]): void {
    const { log, path, permanent } = this.#options;
    const twin = psks.find(({ secret }) => equals(secret, permanent));
    if (twin !== undefined) {
      throw new ConfigError(
        `the key ${twin.name} in '${path}' is the permanent one of the node`,
        { hint: `net-transfer psk add ${twin.name} --replace draws another` },
      );
    }
    const changed = new Set<string>();
    const wanted = new Map(psks.map((psk) => [psk.name, psk.secret]));
    for (const name of [...this.#named]) {
      const secret = this.keyring.secretOf(name);
      const next = wanted.get(name);
      const isSame = secret !== undefined && next !== undefined &&
        equals(secret, next);
      secret?.fill(0);
      if (isSame) continue;
      this.keyring.revoke(name);
      this.#named.delete(name);
      changed.add(name);
      log.info("pre-shared key revoked", { psk: name });
    }
    for (const { name, secret } of psks) {
      if (this.#named.has(name)) continue;
      this.keyring.add(name, secret);
      this.#named.add(name);
      changed.add(name);
      log.info("pre-shared key added", { psk: name });
    }
    if (changed.size > 0) this.onChanged(changed);
  }
}

function isUnchanged(
  now: FileStamp | undefined,
  before: FileStamp | undefined,
): boolean {
  return now === undefined ? before === undefined : sameStamp(now, before);
}
