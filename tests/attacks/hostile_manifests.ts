import { walk } from "@std/fs";
import { blake3, decodeDirManifest } from "../../lib/content/mod.ts";
import { makeSmall, readDirEntries } from "../../lib/content/mod.ts";
import { checkManifest, type PathPlatform } from "../../lib/content/mod.ts";
import { TransferError } from "../../lib/errors.ts";
import type { Session } from "../../lib/mesh/mod.ts";
import { Node } from "../../lib/mesh/mod.ts";
import { attachOptions, listen } from "../../lib/mesh/testing/echo_node.ts";
import { MemoryStore } from "../../lib/store/mod.ts";
import { toHex } from "../../lib/text/hex.ts";
import { fetchDir, serveSession } from "../../lib/transfer/mod.ts";
import { TempDir } from "../../scripts/temp_dir.ts";
import { onWindows } from "../support/unless.ts";
import type { Attack } from "./attack.ts";
import {
  CONTENT,
  HOSTILE_MANIFESTS,
  type HostileManifest,
  TAMED_MANIFESTS,
} from "./support/hostile_manifests.ts";

const HERE: PathPlatform =
  Deno.build.os === "windows" || Deno.build.os === "darwin"
    ? Deno.build.os
    : "posix";
/** Kinds of errors that refuse; anything else is an accident. */
const REFUSALS = [
  "manifest",
  "unsafe_path",
  "ref",
  "not_found",
  "hash_mismatch",
  "protocol",
];

/** All that is below a directory but the target, with modes and content. */
async function around(root: string, target: string): Promise<string> {
  const lines: string[] = [];
  const entries: AsyncIterable<{ path: string; isFile: boolean }> = walk(root);
  for await (const { path, isFile } of entries) {
    if (path === target || path.startsWith(`${target}/`)) continue;
    const { mode, size } = await Deno.lstat(path);
    const content = isFile ? toHex(blake3(await Deno.readFile(path))) : "";
    lines.push([path, mode, isFile ? size : "", content].join(" "));
  }
  return lines.sort().join("\n");
}

/** Set-id bits below a directory. */
async function setIds(target: string): Promise<number> {
  let found = 0;
  for await (
    const { path } of walk(target) as AsyncIterable<
      Deno.DirEntry & { path: string }
    >
  ) {
    if (((await Deno.lstat(path)).mode ?? 0) & 0o6000) found++;
  }
  return found;
}

/** What is wrong with how a fetch of one of them ended; `undefined` if nothing is. */
async function tryOne(
  { name, manifest }: HostileManifest,
  isRefused: boolean,
  session: Session,
  store: MemoryStore,
): Promise<string | undefined> {
  const hash = blake3(manifest);
  await store.put(hash, manifest);
  await using place = await TempDir.make();
  await place.write("outside/secret", "secret");
  await place.mkdir("in");
  const target = place.at("in", "target");
  const before = await around(place.path, target);
  let ending = "made";
  try {
    await fetchDir(session, makeSmall("", hash, manifest.length), target);
  } catch (error) {
    ending = error instanceof TransferError ? error.kind : String(error);
  }
  if (await around(place.path, target) !== before) {
    return `${name}: something outside has changed`;
  }
  const asExpected = isRefused
    ? REFUSALS.includes(ending)
    : ending === "made" && await setIds(target) === 0;
  return asExpected ? undefined : `${name}: ${ending}`;
}

/** Whether names that are hostile elsewhere are refused by that system's rules. */
function isRefusedOn(platform: PathPlatform, manifest: Uint8Array): boolean {
  try {
    checkManifest(readDirEntries(manifest), platform);
    return false;
  } catch (error) {
    if (error instanceof TransferError) return true;
    throw error;
  }
}

export const attack: Attack = {
  name: "hostile_manifests",
  claim:
    "A hostile manifest is refused whole, and makes nothing outside of the target.",
  lacks: () => Promise.resolve(onWindows),
  async run() {
    const store = new MemoryStore();
    await store.put(blake3(CONTENT), CONTENT);
    await using node = await listen((session) => serveSession(session, store));
    await using session = await Node.attach(attachOptions(node));
    const here = ({ on }: HostileManifest) => on?.includes(HERE) ?? true;
    const faults: string[] = [];
    const cases = [
      ...HOSTILE_MANIFESTS.filter(here).map((one) => ({
        one,
        isRefused: true,
      })),
      ...TAMED_MANIFESTS.map((one) => ({ one, isRefused: false })),
    ];
    const next = cases.values();
    await Promise.all(Array.from({ length: 4 }, async () => {
      for (const { one, isRefused } of next) {
        const fault = await tryOne(one, isRefused, session, store);
        if (fault !== undefined) faults.push(fault);
      }
    }));
    let elsewhere = 0;
    for (const { name, manifest, on } of HOSTILE_MANIFESTS) {
      for (const platform of on ?? []) {
        if (platform === HERE) continue;
        elsewhere++;
        decodeDirManifest(manifest);
        if (!isRefusedOn(platform, manifest)) {
          faults.push(`${name} on ${platform}: made`);
        }
      }
    }
    return {
      held: faults.length === 0,
      line: faults.length > 0
        ? faults.join("; ")
        : `${cases.length} fetched here, ${elsewhere} judged by the names of ` +
          `other systems: ${HOSTILE_MANIFESTS.length} refused, ` +
          `${TAMED_MANIFESTS.length} made without what they asked for, ` +
          "nothing outside touched",
    };
  },
};
