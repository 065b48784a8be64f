/**
 * Blobs: what the reference's own tests pin.
 *
 * @module
 */

import { join } from "@std/path";
import { NOWHERE, recvBlob, type Row, sameBytes, sizeOf } from "./row.ts";

const SOURCE = "cli/tests/transfer_cli_blob.rs";

function fetched(id: string, ref: "small" | "large", bytes: number): Row {
  return {
    id,
    description: `a blob of ${bytes} bytes is fetched whole`,
    source: SOURCE,
    expected: "same",
    reference: { code: 0, bytes, same: true, partial: null },
    async run(place) {
      const { code, stdout } = await recvBlob(place, place.refs[ref], "out");
      const out = join(place.dir, "out");
      return {
        code,
        bytes: JSON.parse(stdout).bytes,
        same: await sameBytes(out, join(place.sources, `${ref}.bin`)),
        partial: await sizeOf(`${out}.partial`),
      };
    },
  };
}

/** The rows. */
export const BLOB_ROWS: readonly Row[] = [
  fetched("blob-single-chunk", "small", 204_800),
  fetched("blob-multi-chunk", "large", 10 * 2 ** 20),
  {
    id: "blob-result-fields",
    description: "the result of recv-blob begins with the reference's fields",
    source: "cli/src/commands/transfer.rs",
    expected: "same",
    reference: {
      first: ["peer", "out", "bytes", "duration_secs", "throughput_mib_s"],
    },
    async run(place) {
      const { stdout } = await recvBlob(place, place.refs.small, "out");
      return { first: Object.keys(JSON.parse(stdout)).slice(0, 5) };
    },
  },
  {
    id: "blob-not-held",
    description: "content the holder lacks leaves an empty partial file",
    source: SOURCE,
    expected: "same",
    reference: { code: 3, out: null, partial: 0, stdout: "" },
    async run(place) {
      const { code, stdout } = await recvBlob(place, NOWHERE, "out");
      const out = join(place.dir, "out");
      const partial = await sizeOf(`${out}.partial`);
      return { code, out: await sizeOf(out), partial, stdout };
    },
  },
  {
    id: "blob-send-fields",
    description: "send-blob of several chunks counts them and has no hash",
    source: SOURCE,
    expected: "same",
    reference: {
      code: 0,
      keys: ["blob_ref", "size", "chunks"],
      size: 10 * 2 ** 20,
      several: true,
    },
    async run(place) {
      const { code, stdout } = await place.run(
        ...["send-blob", join(place.sources, "large.bin"), "--output", "json"],
      );
      const result = JSON.parse(stdout);
      const { size, chunks } = result;
      return { code, keys: Object.keys(result), size, several: chunks >= 3 };
    },
  },
  {
    id: "blob-send-stages",
    description: "send-blob --store says where it staged, as typed",
    source: SOURCE,
    expected: "same",
    reference: { code: 0, echoed: true },
    async run(place) {
      const store = `${place.dir}/./store`;
      const { code, stdout } = await place.run(
        ...["send-blob", join(place.sources, "small.bin"), "--store", store],
        ...["--output", "json"],
      );
      return { code, echoed: JSON.parse(stdout).staged_to === store };
    },
  },
  {
    id: "blob-to-stdout",
    description: "--out - writes the content to stdout",
    source: "docs/cli/TRANSFER.md",
    expected: "fixed",
    reason: "a pipe is what a dash means; the reference makes a file named -",
    reference: { code: 0, stdout: "result" },
    ours: { code: 0, stdout: "content" },
    async run(place) {
      const { code, stdout } = await place.run(
        ...["recv-blob", "--blob-ref", place.refs.small, "--out", "-"],
        ...place.holder.attach(),
      );
      const content = stdout.length > 10_000;
      return { code, stdout: content ? "content" : "result" };
    },
  },
];
