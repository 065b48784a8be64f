/**
 * What is at the target, and beside it, after each kind of failure.
 *
 * @module
 */

import { join } from "@std/path";
import {
  names,
  NOWHERE,
  type Outcome,
  type Place,
  recvBlob,
  recvDir,
  type Row,
  sizeOf,
} from "./row.ts";

const BLOB_SOURCE = "sdk/src/transport.rs";
const DIR_SOURCE = "src/adapter/net/dataforts/dir.rs";
const CHUNK = 4 * 2 ** 20;

/** A target with one old file. */
async function oldTarget(place: Place): Promise<string> {
  const out = join(place.dir, "out");
  await Deno.mkdir(out);
  await Deno.writeTextFile(join(out, "old"), "old");
  return out;
}

/** A row of a tree that must not arrive, into a target that is there or not. */
function refused(
  id: string,
  description: string,
  ref: "escape" | "hollow" | "notManifest" | "futureManifest",
  present: boolean,
): Row {
  return {
    id,
    description,
    source: DIR_SOURCE,
    expected: "same",
    reference: {
      code: 3,
      beside: present ? ["out"] : [],
      inside: present ? ["old"] : [],
    },
    async run(place): Promise<Outcome> {
      const out = present ? await oldTarget(place) : join(place.dir, "out");
      const { code } = await recvDir(place, place.refs[ref], "out");
      const beside = await names(place.dir);
      return { code, beside, inside: present ? await names(out) : [] };
    },
  };
}

/** The rows. */
export const ATOMICITY_ROWS: readonly Row[] = [
  {
    id: "partial-bad-attach",
    description: "a failed handshake makes no partial file",
    source: BLOB_SOURCE,
    expected: "same",
    reference: { code: 6, beside: [] },
    async run(place) {
      const { code } = await place.run(
        ...["recv-blob", "--blob-ref", NOWHERE, "--out"],
        ...[join(place.dir, "out"), ...place.holder.attach([])],
        ...["--psk-hex", "00".repeat(32), "--connect-timeout", "700ms"],
      );
      return { code, beside: await names(place.dir) };
    },
  },
  {
    id: "partial-first-chunk",
    description: "when the first chunk is missing an old target stays",
    source: BLOB_SOURCE,
    expected: "same",
    reference: { code: 3, out: 3, partial: 0 },
    async run(place) {
      const out = join(place.dir, "out");
      await Deno.writeTextFile(out, "old");
      const { code } = await recvBlob(place, NOWHERE, "out");
      const partial = await sizeOf(`${out}.partial`);
      return { code, out: await sizeOf(out), partial };
    },
  },
  {
    id: "partial-later-chunk",
    description:
      "when a later chunk fails the verified ones before it are kept",
    source: BLOB_SOURCE,
    expected: "same",
    reference: { code: 3, out: null, partial: CHUNK },
    async run(place) {
      const out = join(place.dir, "out");
      const { code } = await recvBlob(place, place.refs.torn, "out");
      const partial = await sizeOf(`${out}.partial`);
      return { code, out: await sizeOf(out), partial };
    },
  },
  {
    id: "partial-out-is-directory",
    description: "a target that is a directory is never replaced by a file",
    source: BLOB_SOURCE,
    expected: "same",
    reference: { code: 1, inside: ["old"] },
    async run(place) {
      const out = await oldTarget(place);
      const { code } = await recvBlob(place, place.refs.small, "out");
      return { code, inside: await names(out) };
    },
  },
  {
    id: "partial-replaces",
    description: "a target that is a file is replaced, the partial is gone",
    source: BLOB_SOURCE,
    expected: "same",
    reference: { code: 0, out: 204_800, beside: ["out"] },
    async run(place) {
      const out = join(place.dir, "out");
      await Deno.writeTextFile(out, "old");
      const { code } = await recvBlob(place, place.refs.small, "out");
      const size = await sizeOf(out);
      return { code, out: size, beside: await names(place.dir) };
    },
  },
  refused(
    "swap-manifest-not-manifest",
    "a manifest that cannot be decoded leaves the target untouched",
    "notManifest",
    true,
  ),
  refused(
    "swap-manifest-version",
    "a manifest of another version leaves the target untouched",
    "futureManifest",
    true,
  ),
  refused(
    "swap-escape-present",
    "a path that climbs out leaves the target untouched, no temporary tree",
    "escape",
    true,
  ),
  refused(
    "swap-escape-absent",
    "a path that climbs out leaves nothing where nothing was",
    "escape",
    false,
  ),
  refused(
    "swap-file-missing",
    "a file that is not held leaves the target untouched, no temporary tree",
    "hollow",
    true,
  ),
  {
    id: "swap-no-final-name",
    description: "a target without a final name is refused",
    source: DIR_SOURCE,
    expected: "same",
    reference: { code: 3, beside: [] },
    async run(place) {
      const { code } = await place.run(
        ...["recv-dir", "--remote-ref", place.refs.tree, "--out"],
        // Not joined, which would take the two dots away.
        ...[`${place.dir}/..`, ...place.holder.attach()],
      );
      return { code, beside: await names(place.dir) };
    },
  },
  {
    id: "swap-regular-file",
    description: "a target that is a regular file becomes the tree",
    source: DIR_SOURCE,
    expected: "fixed",
    reason: "nobody looks for the old file under a hidden name",
    reference: { code: 0, beside: [".out.replaced_*", "out"] },
    ours: { code: 0, beside: ["out"] },
    async run(place) {
      await Deno.writeTextFile(join(place.dir, "out"), "old");
      const { code } = await recvDir(place, place.refs.tree, "out");
      return { code, beside: await names(place.dir) };
    },
  },
  {
    id: "swap-link-to-directory",
    description: "a target that is a link is replaced, what it names is not",
    source: DIR_SOURCE,
    expected: "same",
    reference: { code: 0, link: false, inside: ["kept"] },
    async run(place) {
      const elsewhere = join(place.dir, "elsewhere");
      const out = join(place.dir, "out");
      await Deno.mkdir(elsewhere);
      await Deno.writeTextFile(join(elsewhere, "kept"), "kept");
      await Deno.symlink(elsewhere, out);
      const { code } = await recvDir(place, place.refs.tree, "out");
      const { isSymlink: link } = await Deno.lstat(out);
      return { code, link, inside: await names(elsewhere) };
    },
  },
  {
    id: "swap-dangling-link",
    description: "a target that is a dangling link is left alone",
    source: DIR_SOURCE,
    expected: "same",
    reference: { code: 3, link: true, beside: ["out"] },
    async run(place) {
      const out = join(place.dir, "out");
      await Deno.symlink(join(place.dir, "gone"), out);
      const { code } = await recvDir(place, place.refs.tree, "out");
      const { isSymlink: link } = await Deno.lstat(out);
      return { code, link, beside: await names(place.dir) };
    },
  },
];
