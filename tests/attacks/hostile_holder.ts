import {
  blake3,
  type BlobRef,
  encodeBlobRef,
  encodeDirManifest,
  makeManifest,
  makeSmall,
  REPLICATED,
} from "../../lib/content/mod.ts";
import { TransferError } from "../../lib/errors.ts";
import type { Session } from "../../lib/mesh/mod.ts";
import { toHex } from "../../lib/text/hex.ts";
import { fetchBlob, fetchDir } from "../../lib/transfer/mod.ts";
import { noise } from "../../scripts/make_tree.ts";
import { TempDir } from "../../scripts/temp_dir.ts";
import type { Attack } from "./attack.ts";
import { type Behaviour, BEHAVIOURS } from "./support/hostile_behaviours.ts";
import { ScriptedHolder } from "./support/scripted_holder.ts";

/** Where a fetch has to wait for it; elsewhere a busy machine must not reach it. */
const SHORT_MS = 300;
const LONG_MS = 60_000;
/** Of six fetchers and their holders, all in this thread. */
const MEMORY_MAX = 600 * 1024 * 1024;

/** What is attacked. */
interface Aim {
  readonly name: string;
  readonly ref: BlobRef;
  /** Which hashes are answered honestly. */
  readonly spared: ReadonlySet<string>;
  fetch(session: Session, out: string, timeoutMs: number): Promise<unknown>;
  check(out: string): Promise<boolean>;
}

const chunks = new Map<string, Uint8Array>();

function put(bytes: Uint8Array): Uint8Array {
  const hash = blake3(bytes);
  chunks.set(toHex(hash), bytes);
  return hash;
}

const small = (bytes: Uint8Array) => makeSmall("", put(bytes), bytes.length);

async function same(path: string, bytes: Uint8Array): Promise<boolean> {
  return toHex(blake3(await Deno.readFile(path))) === toHex(blake3(bytes));
}

function makeAims(): Aim[] {
  const blob = noise(2000, 1);
  const long = noise(4 * 2 ** 20 + 1000, 2);
  const parts = [long.subarray(0, 4 * 2 ** 20), long.subarray(4 * 2 ** 20)];
  const list = parts.map((part) => ({ hash: put(part), size: part.length }));
  const files = [noise(700, 3), noise(900, 4), noise(800_000, 5)];
  const entries = files.map((bytes, i) => ({
    path: `f${i}`,
    kind: {
      type: "file" as const,
      mode: 0o644,
      blob: encodeBlobRef(small(bytes)),
    },
  }));
  const manifest = encodeDirManifest({ version: 1, entries });
  const manifestRef = small(manifest);
  const toBlob = (ref: BlobRef, bytes: Uint8Array, spared: string[]): Aim => ({
    name: "recv-blob",
    ref,
    spared: new Set(spared),
    fetch: (session, out, timeoutMs) =>
      fetchBlob(session, ref, out, { timeoutMs }),
    check: (out) => same(out, bytes),
  });
  const toDir = (name: string, spared: string[]): Aim => ({
    name,
    ref: manifestRef,
    spared: new Set(spared),
    fetch: (session, out, timeoutMs) =>
      fetchDir(session, manifestRef, out, { timeoutMs }),
    check: async (out) => {
      for (const [i, bytes] of files.entries()) {
        if (!await same(`${out}/f${i}`, bytes)) return false;
      }
      return true;
    },
  });
  return [
    toBlob(small(blob), blob, []),
    toBlob(makeManifest("", REPLICATED, list), long, [toHex(list[0].hash)]),
    toDir("recv-dir, manifest", []),
    toDir("recv-dir, files", [toHex(manifestRef.hash)]),
  ];
}

/** Fetches, and says how that ended. */
async function ending(
  aim: Aim,
  holder: ScriptedHolder,
  out: string,
  timeoutMs = LONG_MS,
): Promise<string> {
  const session = await holder.attach(timeoutMs);
  try {
    await aim.fetch(session, out, timeoutMs);
    return "ok";
  } catch (error) {
    return error instanceof TransferError ? error.kind : `${error}`;
  } finally {
    await session.close();
  }
}

/** Bytes in use; other tests of this process have theirs. */
function memoryOfThread(): number {
  const { heapTotal, external } = Deno.memoryUsage();
  return heapTotal + external;
}

/** How long a request may make no progress: short where that is to be seen. */
function timeoutFor({ ends }: Behaviour): number {
  return ends.includes("timeout") ? SHORT_MS : LONG_MS;
}

/** What is wrong with how a fetch from such a holder ends; nothing if all is well. */
async function play(
  behaviour: Behaviour,
  aim: Aim,
  dir: TempDir,
): Promise<string[]> {
  const faults: string[] = [];
  await Deno.mkdir(dir.path, { recursive: true });
  await Deno.writeTextFile(dir.at("sentinel"), "sentinel");
  const out = dir.at("out");
  {
    await using holder = await ScriptedHolder.start(
      chunks,
      aim.spared,
      behaviour.act,
    );
    const kind = await ending(aim, holder, out, timeoutFor(behaviour));
    if (!behaviour.ends.includes(kind)) {
      faults.push(`ended as ${kind}, not ${behaviour.ends.join(" or ")}`);
    }
    const isLie = ["protocol", "hash_mismatch", "manifest"].includes(kind);
    if (isLie && new Set(holder.asked).size < holder.asked.length) {
      faults.push("a lie was asked for again");
    }
    const names = [...Deno.readDirSync(dir.path)].map(({ name }) => name);
    const others = names.filter((name) =>
      name !== "sentinel" && !/^\.?out\.(partial|fetch_)/.test(name) &&
      !(name === "out" && kind === "ok")
    );
    if (others.length > 0) faults.push(`left ${others.join(", ")}`);
  }
  // What is left of it is not believed by the next fetch.
  await using honest = await ScriptedHolder.start(chunks, new Set());
  const after = await ending(aim, honest, out);
  if (after !== "ok" && !(after === "exists")) {
    faults.push(`then an honest fetch ended as ${after}`);
  } else if (!await aim.check(out)) faults.push("then there was other content");
  if (await Deno.readTextFile(dir.at("sentinel")) !== "sentinel") {
    faults.push("the neighbour was changed");
  }
  return faults;
}

export const attack: Attack = {
  name: "hostile_holder",
  claim: "A hostile holder can refuse, be slow or stop, and nothing else.",
  async run() {
    await using dir = await TempDir.make();
    const aims = makeAims();
    const cases = BEHAVIOURS.flatMap((behaviour) =>
      aims.map((aim) => ({ behaviour, aim }))
    );
    const faults: string[] = [];
    const before = memoryOfThread();
    let peak = before;
    const next = cases.entries();
    const worker = async () => {
      for (const [i, { behaviour, aim }] of next) {
        const place = await TempDir.make(dir.path);
        for (const fault of await play(behaviour, aim, place)) {
          faults.push(`${aim.name}, ${behaviour.name}: ${fault} (${i})`);
        }
        peak = Math.max(peak, memoryOfThread());
      }
    };
    await Promise.all(Array.from({ length: 6 }, worker));
    const grown = peak - before;
    if (grown > MEMORY_MAX) faults.push(`memory grew by ${grown >> 20} MiB`);
    return {
      held: faults.length === 0,
      line: faults.length === 0
        ? `${BEHAVIOURS.length} behaviours, ${cases.length} fetches, ${
          grown >> 20
        } MiB more memory`
        : `${faults.length} faults: ${faults.slice(0, 5).join("; ")}`,
    };
  },
};
