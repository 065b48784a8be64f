/**
 * Blobs: forms of publishing, and what a fetch makes of an odd reference or an
 * odd partial file.
 *
 * @module
 */

import { dirname, join } from "@std/path";
import { encodeBlobRef, SEND_URI, toHex } from "../../lib/content/mod.ts";
import { chunkPayload } from "../../lib/content/testing/chunk_payload.ts";
import { noise } from "../../scripts/make_tree.ts";
import {
  names,
  type Place,
  recvBlob,
  type Row,
  sameBytes,
  sizeOf,
  until,
} from "./row.ts";

const SOURCE = "cli/tests/transfer_cli_blob.rs";
const TRANSPORT = "sdk/src/transport.rs";

/** The reference as it is computed here, from the whole of a file. */
async function computed(path: string): Promise<string> {
  const { ref } = chunkPayload(await Deno.readFile(path), SEND_URI);
  return toHex(encodeBlobRef(ref));
}

function sent(id: string, name: string, several: boolean): Row {
  return {
    id,
    description: `send-blob of ${name} prints the reference of its bytes`,
    source: SOURCE,
    expected: "same",
    reference: { code: 0, same: true, size: true, hash: !several },
    async run(place) {
      const path = join(place.sources, name);
      const { code, stdout } = await place.run(
        ...["send-blob", path, "--output", "json"],
      );
      const result = JSON.parse(stdout);
      return {
        code,
        same: result.blob_ref === await computed(path),
        size: result.size === await sizeOf(path),
        hash: "hash" in result,
      };
    },
  };
}

async function partialIs(
  place: Place,
  prepare: (partial: string) => Promise<void>,
) {
  const out = join(place.dir, "out");
  await prepare(`${out}.partial`);
  const { code } = await recvBlob(place, place.refs.small, "out");
  return { code, out };
}

/** The rows. */
export const BLOB_EDGE_ROWS: readonly Row[] = [
  sent("blob-send-small", "small.bin", false),
  sent("blob-send-large", "large.bin", true),
  {
    id: "blob-send-stdin",
    description: "send-blob - prints what it prints of the file",
    source: SOURCE,
    expected: "same",
    reference: { code: 0, same: true, size: 204_800 },
    async run(place) {
      const path = join(place.sources, "small.bin");
      const stdin = await Deno.readFile(path);
      const { code, stdout } = await place.runWith(
        { stdin },
        ...["send-blob", "-", "--output", "json"],
      );
      const { blob_ref: ref, size } = JSON.parse(stdout);
      return { code, same: ref === await computed(path), size };
    },
  },
  {
    id: "blob-send-empty",
    description: "an empty input is a blob of one empty chunk",
    source: "cli/src/commands/transfer.rs",
    expected: "same",
    reference: { code: 0, size: 0, hash: true, same: true },
    async run(place) {
      const { code, stdout } = await place.runWith(
        { stdin: "" },
        ...["send-blob", "-", "--output", "json"],
      );
      const { blob_ref: ref, size, hash } = JSON.parse(stdout);
      const { ref: empty } = chunkPayload(new Uint8Array(), SEND_URI);
      const same = ref === toHex(encodeBlobRef(empty));
      return { code, size, hash: hash !== undefined, same };
    },
  },
  {
    id: "blob-stage-serve-fetch",
    description: "what send-blob stages is served, and fetched byte for byte",
    source: SOURCE,
    expected: "same",
    reference: { codes: [0, 0], same: true, staged: true },
    async run(place) {
      const source = join(place.dir, "source");
      await Deno.writeFile(source, noise(6 * 2 ** 20, 40));
      const sent = await place.run(
        ...["send-blob", source, "--store", place.liveStore],
        ...["--output", "json"],
      );
      const { blob_ref: ref, staged_to: staged } = JSON.parse(sent.stdout);
      const { code } = await recvBlob(place, ref, "out");
      return {
        codes: [sent.code, code],
        same: await sameBytes(source, join(place.dir, "out")),
        staged: staged === place.liveStore,
      };
    },
  },
  {
    id: "blob-declared-size",
    description: "a reference that declares another size than the chunk has",
    source: TRANSPORT,
    expected: "fixed",
    reason: "a size that is wrong is a reference that is wrong",
    reference: { code: 0, out: 25 },
    ours: { code: 3, out: null },
    async run(place) {
      const { code } = await recvBlob(place, place.refs.misdeclared, "out");
      return { code, out: await sizeOf(join(place.dir, "out")) };
    },
  },
  {
    id: "partial-left-over",
    description: "a partial file that holds rubbish does no harm",
    source: TRANSPORT,
    expected: "same",
    reference: { code: 0, same: true, beside: ["out"] },
    async run(place) {
      const { code, out } = await partialIs(
        place,
        (partial) => Deno.writeFile(partial, noise(300_000, 41)),
      );
      return {
        code,
        same: await sameBytes(out, join(place.sources, "small.bin")),
        beside: await names(place.dir),
      };
    },
  },
  {
    id: "partial-is-link",
    description: "a partial file that is a link to a file elsewhere",
    source: TRANSPORT,
    expected: "fixed",
    reason: "what somebody planted is not written through",
    reference: { code: 0, elsewhere: 204_800 },
    ours: { code: 1, elsewhere: 4 },
    async run(place) {
      const elsewhere = join(place.dir, "elsewhere");
      await Deno.writeTextFile(elsewhere, "kept");
      const { code } = await partialIs(
        place,
        (partial) => Deno.symlink(elsewhere, partial),
      );
      return { code, elsewhere: await sizeOf(elsewhere) };
    },
  },
  {
    id: "partial-two-runs",
    description: "two runs into one target",
    source: TRANSPORT,
    expected: "fixed",
    reason: "the second is refused; both would write the same partial file",
    reference: { second: 0, content: "either, or a mixture" },
    ours: { second: 1, content: "of the first, once it has it" },
    async run(place) {
      const out = join(place.dir, "out");
      const first = place.start(
        ...["recv-blob", "--blob-ref", place.hostile.stallingBlob()],
        ...["--out", out, ...place.hostile.attach()],
      );
      await until(async () => await sizeOf(`${out}.partial`) !== null);
      const second = await recvBlob(place, place.refs.small, "out");
      first.kill("SIGKILL");
      await first.output();
      const size = await sizeOf(out);
      return {
        second: second.code,
        content: size === null ? "of the first, once it has it" : size,
      };
    },
  },
  {
    id: "partial-bad-reference",
    description: "a reference that is none makes no partial file",
    source: TRANSPORT,
    expected: "same",
    reference: { code: 2, out: 3, beside: ["out"] },
    async run(place) {
      const out = join(place.dir, "out");
      await Deno.writeTextFile(out, "old");
      const { code } = await recvBlob(place, "zz", "out");
      return {
        code,
        out: await sizeOf(out),
        beside: await names(dirname(out)),
      };
    },
  },
  {
    id: "partial-bad-config",
    description: "a configuration file that is no TOML makes no partial file",
    source: TRANSPORT,
    expected: "same",
    reference: { code: 3, beside: ["config"] },
    async run(place) {
      const config = join(place.dir, "config");
      await Deno.writeTextFile(config, "[", { mode: 0o600 });
      const { small } = place.refs;
      const { code } = await recvBlob(place, small, "out", "--config", config);
      return { code, beside: await names(place.dir) };
    },
  },
];
