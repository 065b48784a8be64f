import { assert, assertEquals, assertRejects } from "@std/assert";
import { TempDir } from "../../../scripts/temp_dir.ts";
import { ConfigError } from "../../errors.ts";
import type { Log } from "../framework/terminal/log.ts";
import { drawPsk, type NamedPsk, renderKeyring } from "../node/keyring_file.ts";
import { LiveKeyring } from "./live_keyring.ts";

const PERMANENT = new Uint8Array(32).fill(7);
const [ANN, BEN] = ["ann", "ben"].map(drawPsk);

/** A node's keys, and what it was told of them. */
class Follower implements AsyncDisposable {
  private constructor(
    private readonly dir: TempDir,
    readonly path: string,
    readonly live: LiveKeyring,
    readonly warnings: string[],
    private readonly changes: string[],
  ) {}

  static async of(psks: readonly NamedPsk[] | undefined): Promise<Follower> {
    const dir = await TempDir.make();
    const path = dir.at("node.keyring");
    if (psks !== undefined) await write(path, renderKeyring(psks));
    const warnings: string[] = [];
    const changes: string[] = [];
    const log = {
      info: () => {},
      warn: (_: string, { reason }: { reason: string }) =>
        warnings.push(reason),
    } as unknown as Log;
    const live = await LiveKeyring.open({
      path,
      permanent: PERMANENT,
      insecurePermissions: false,
      log,
    }).catch(async (error) => {
      await dir[Symbol.asyncDispose]();
      throw error;
    });
    live.onChanged = (names) => changes.push([...names].sort().join());
    return new Follower(dir, path, live, warnings, changes);
  }

  get names(): string[] {
    return this.live.keyring.list().map(({ name }) => name);
  }

  /** Puts another file in its place, as `psk` does, and waits for the change. */
  async replace(psks: readonly NamedPsk[]): Promise<string> {
    await write(`${this.path}.new`, renderKeyring(psks));
    await Deno.rename(`${this.path}.new`, this.path);
    return await this.change();
  }

  async change(): Promise<string> {
    while (this.changes.length === 0) await pause();
    return this.changes.shift()!;
  }

  async warning(): Promise<string> {
    while (this.warnings.length === 0) await pause();
    return this.warnings.shift()!;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.live[Symbol.dispose]();
    await this.dir[Symbol.asyncDispose]();
  }
}

const pause = () => new Promise((next) => setTimeout(next, 20));
const write = (path: string, text: string) =>
  Deno.writeTextFile(path, text, { mode: 0o600 });

Deno.test("a node has the keys of its file and its own, and follows the file", async () => {
  await using follower = await Follower.of([ANN]);
  assertEquals(follower.names, ["default", "ann"]);
  assertEquals(await follower.replace([ANN, BEN]), "ben");
  assertEquals(follower.names, ["default", "ann", "ben"]);
  const other = drawPsk("ann");
  assertEquals(await follower.replace([other, BEN]), "ann");
  const { keyring } = follower.live;
  assertEquals(keyring.secretOf("ann"), other.secret);
  assertEquals(keyring.secretOf("ben"), BEN.secret);
  await Deno.remove(follower.path);
  assertEquals(await follower.change(), "ann,ben");
  assertEquals(follower.names, ["default"]);
});

Deno.test("a file that comes later is followed, and one that is written to in place", async () => {
  await using follower = await Follower.of(undefined);
  assertEquals(follower.names, ["default"]);
  assertEquals(await follower.replace([ANN]), "ann");
  // The same length, in the moment after: no stamp need show it.
  const swapped = { ...ANN, secret: BEN.secret };
  await write(follower.path, renderKeyring([swapped]));
  assertEquals(await follower.change(), "ann");
  assertEquals(follower.live.keyring.secretOf("ann"), BEN.secret);
});

Deno.test("what cannot be used leaves the keys as they are, is told once, and followed when it can", async () => {
  await using follower = await Follower.of([ANN]);
  await write(follower.path, "[psk.ann]\npsk_hex = 'what");
  assert((await follower.warning()).includes("cannot be used"));
  assertEquals(follower.names, ["default", "ann"]);
  const twin = { ...BEN, secret: PERMANENT };
  await write(follower.path, renderKeyring([ANN, twin]));
  assert((await follower.warning()).includes("the permanent one of the node"));
  assertEquals(follower.names, ["default", "ann"]);
  assertEquals(await follower.replace([BEN]), "ann,ben");
  assertEquals(follower.names, ["default", "ben"]);
  assertEquals(follower.warnings, []);
});

Deno.test("a node does not begin with a file that cannot be used", async () => {
  const twin = { ...BEN, secret: PERMANENT };
  await assertRejects(() => Follower.of([twin]), ConfigError, "permanent");
});
