/** What is at the target, and beside it, after each kind of failure. */

import { NOWHERE } from "./place.ts";
import { from, type Row, type Rows } from "./row.ts";

const CHUNK = 4 * 2 ** 20;

/** A row of a tree that must not arrive, into a target that is there or not. */
function refused(
  description: string,
  ref: "escape" | "hollow" | "notManifest" | "futureManifest",
  present: boolean,
): Omit<Row, "source"> {
  return {
    description,
    reference: {
      code: 3,
      beside: present ? ["out"] : [],
      inside: present ? ["old"] : [],
    },
    async run(place) {
      if (present) await place.oldTree();
      const { code } = await place.recvDir(place.refs[ref]);
      const beside = await place.names();
      return { code, beside, inside: present ? await place.names("out") : [] };
    },
  };
}

/** The rows. */
export const ATOMICITY_ROWS: Rows = {
  ...from("sdk/src/transport.rs", {
    "partial-bad-attach": {
      description: "a failed handshake makes no partial file",
      reference: { code: 6, beside: [] },
      async run(place) {
        const psk = ["--psk-hex", "00".repeat(32)];
        const { code } = await place.run`recv-blob --blob-ref ${NOWHERE}
          --out ${place.at("out")} ${place.attach(psk)}
          --connect-timeout 700ms`;
        return { code, beside: await place.names() };
      },
    },
    "partial-first-chunk": {
      description: "when the first chunk is missing an old target stays",
      reference: { code: 3, out: 3, partial: 0 },
      ours: { code: 3, out: 3, partial: null },
      reason: "an empty partial file is of no use to the next run",
      async run(place) {
        await place.write("out", "old");
        const { code } = await place.recvBlob(NOWHERE);
        return { code, ...await place.sizes() };
      },
    },
    "partial-later-chunk": {
      description:
        "when a later chunk fails the verified ones before it are kept",
      reference: { code: 3, out: null, partial: CHUNK },
      async run(place) {
        const { code } = await place.recvBlob(place.refs.torn);
        return { code, ...await place.sizes() };
      },
    },
    "partial-out-is-directory": {
      description: "a target that is a directory is never replaced by a file",
      reference: { code: 1, inside: ["old"] },
      async run(place) {
        await place.oldTree();
        const { code } = await place.recvBlob(place.refs.small);
        return { code, inside: await place.names("out") };
      },
    },
    "partial-replaces": {
      description: "a target that is a file is replaced, the partial is gone",
      reference: { code: 0, out: 204_800, beside: ["out"] },
      async run(place) {
        await place.write("out", "old");
        const { code } = await place.recvBlob(place.refs.small);
        const out = await place.size("out");
        return { code, out, beside: await place.names() };
      },
    },
  }),
  ...from("src/adapter/net/dataforts/dir.rs", {
    "swap-manifest-not-manifest": refused(
      "a manifest that cannot be decoded leaves the target untouched",
      "notManifest",
      true,
    ),
    "swap-manifest-version": refused(
      "a manifest of another version leaves the target untouched",
      "futureManifest",
      true,
    ),
    "swap-escape-present": refused(
      "a path that climbs out leaves the target untouched, no temporary tree",
      "escape",
      true,
    ),
    "swap-escape-absent": refused(
      "a path that climbs out leaves nothing where nothing was",
      "escape",
      false,
    ),
    "swap-file-missing": refused(
      "a file that is not held leaves the target untouched, no temporary tree",
      "hollow",
      true,
    ),
    "swap-no-final-name": {
      description: "a target without a final name is refused",
      reference: { code: 3, beside: [] },
      async run(place) {
        // Not joined, which would take the two dots away.
        const { code } = await place.run`recv-dir --out ${place.dir}/..
          --remote-ref ${place.refs.tree} ${place.attach()}`;
        return { code, beside: await place.names() };
      },
    },
    "swap-regular-file": {
      description: "a target that is a regular file becomes the tree",
      reason: "nobody looks for the old file under a hidden name",
      reference: { code: 0, beside: [".out.replaced_*", "out"] },
      ours: { code: 0, beside: ["out"] },
      async run(place) {
        await place.write("out", "old");
        const { code } = await place.recvDir(place.refs.tree);
        return { code, beside: await place.names() };
      },
    },
    "swap-link-to-directory": {
      description: "a target that is a link is replaced, its target is not",
      reference: { code: 0, link: false, inside: ["kept"] },
      async run(place) {
        await Deno.mkdir(place.at("elsewhere"));
        await place.write("elsewhere/kept", "kept");
        await Deno.symlink(place.at("elsewhere"), place.at("out"));
        const { code } = await place.recvDir(place.refs.tree);
        const { isSymlink: link } = await Deno.lstat(place.at("out"));
        return { code, link, inside: await place.names("elsewhere") };
      },
    },
    "swap-dangling-link": {
      description: "a target that is a dangling link is left alone",
      reference: { code: 3, link: true, beside: ["out"] },
      async run(place) {
        await Deno.symlink(place.at("gone"), place.at("out"));
        const { code } = await place.recvDir(place.refs.tree);
        const { isSymlink: link } = await Deno.lstat(place.at("out"));
        return { code, link, beside: await place.names() };
      },
    },
  }),
};
