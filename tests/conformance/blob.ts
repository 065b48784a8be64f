/** Blobs: what the reference's own tests pin. */

import { words } from "../../scripts/program.ts";
import { NOWHERE, sameBytes } from "./place.ts";
import { from, type Row, type Rows } from "./row.ts";

function fetched(ref: "small" | "large", bytes: number): Omit<Row, "source"> {
  return {
    description: `a blob of ${bytes} bytes is fetched whole`,
    reference: { code: 0, bytes, same: true, partial: null },
    async run(place) {
      const { code, stdout } = await place.recvBlob(place.refs[ref]);
      return {
        code,
        bytes: JSON.parse(stdout).bytes,
        same: await sameBytes(place.at("out"), place.source(`${ref}.bin`)),
        partial: await place.size("out.partial"),
      };
    },
  };
}

/** The rows. */
export const BLOB_ROWS: Rows = from("cli/tests/transfer_cli_blob.rs", {
  "blob-single-chunk": fetched("small", 204_800),
  "blob-multi-chunk": fetched("large", 10 * 2 ** 20),
  "blob-result-fields": {
    description: "the result of recv-blob begins with the reference's fields",
    source: "cli/src/commands/transfer.rs",
    reference: { first: words`peer out bytes duration_secs throughput_mib_s` },
    async run(place) {
      const { stdout } = await place.recvBlob(place.refs.small);
      return { first: Object.keys(JSON.parse(stdout)).slice(0, 5) };
    },
  },
  "blob-not-held": {
    description: "content the holder lacks leaves no partial file",
    reference: { code: 3, out: null, partial: 0, stdout: "" },
    ours: { code: 3, out: null, partial: null, stdout: "" },
    reason: "an empty partial file is of no use to the next run",
    async run(place) {
      const { code, stdout } = await place.recvBlob(NOWHERE);
      return { code, ...await place.sizes(), stdout };
    },
  },
  "blob-send-fields": {
    description: "send-blob of several chunks counts them and has no hash",
    reference: {
      code: 0,
      keys: ["blob_ref", "size", "chunks"],
      size: 10 * 2 ** 20,
      several: true,
    },
    async run(place) {
      const { code, stdout } = await place
        .run`send-blob ${place.source("large.bin")} --output json`;
      const result = JSON.parse(stdout);
      const { size, chunks } = result;
      return { code, keys: Object.keys(result), size, several: chunks >= 3 };
    },
  },
  "blob-send-stages": {
    description: "send-blob --store says where it staged, as typed",
    reference: { code: 0, echoed: true },
    async run(place) {
      const store = `${place.dir}/./store`;
      const { code, stdout } = await place
        .run`send-blob ${place.source("small.bin")} --store ${store}`;
      return { code, echoed: JSON.parse(stdout).staged_to === store };
    },
  },
  "blob-to-stdout": {
    description: "--out - writes the content to stdout",
    source: "docs/cli/TRANSFER.md",
    reason: "a pipe is what a dash means; the reference makes a file named -",
    reference: { code: 0, stdout: "result" },
    ours: { code: 0, stdout: "content" },
    async run(place) {
      const { code, stdout } = await place
        .run`recv-blob --blob-ref ${place.refs.small} --out - ${place.attach()}`;
      const content = stdout.length > 10_000;
      return { code, stdout: content ? "content" : "result" };
    },
  },
});
