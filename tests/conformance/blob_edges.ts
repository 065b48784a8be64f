/**
 * Blobs: forms of publishing, and what a fetch makes of an odd reference or an
 * odd partial file.
 */

import { encodeBlobRef, SEND_URI } from "../../lib/content/mod.ts";
import { toHex } from "../../lib/text/hex.ts";
import { chunkPayload } from "../../lib/content/testing/chunk_payload.ts";
import { noise } from "../../scripts/make_tree.ts";
import { sameBytes, until } from "./place.ts";
import { from, type Row, type Rows } from "./row.ts";

/** The reference of some bytes as it is computed here. */
function computed(bytes: Uint8Array): string {
  return toHex(encodeBlobRef(chunkPayload(bytes, SEND_URI).ref));
}

function sent(name: string, several: boolean): Omit<Row, "source"> {
  return {
    description: `send-blob of ${name} prints the reference of its bytes`,
    reference: { code: 0, same: true, size: true, hash: !several },
    async run(place) {
      const path = place.source(name);
      const bytes = await Deno.readFile(path);
      const { code, stdout } = await place.run`send-blob ${path} --output json`;
      const result = JSON.parse(stdout);
      const same = result.blob_ref === computed(bytes);
      const size = result.size === bytes.length;
      return { code, same, size, hash: "hash" in result };
    },
  };
}

/** The rows. */
export const BLOB_EDGE_ROWS: Rows = {
  ...from("cli/tests/transfer_cli_blob.rs", {
    "blob-send-small": sent("small.bin", false),
    "blob-send-large": sent("large.bin", true),
    "blob-send-stdin": {
      description: "send-blob - prints what it prints of the file",
      reference: { code: 0, same: true, size: 204_800 },
      async run(place) {
        const stdin = await Deno.readFile(place.source("small.bin"));
        const { code, stdout } = await place
          .runWith({ stdin }, "send-blob", "-", "--output", "json");
        const { blob_ref: ref, size } = JSON.parse(stdout);
        return { code, same: ref === computed(stdin), size };
      },
    },
    "blob-send-empty": {
      description: "an empty input is a blob of one empty chunk",
      source: "cli/src/commands/transfer.rs",
      reference: { code: 0, size: 0, hash: true, same: true },
      async run(place) {
        const { code, stdout } = await place
          .runWith({ stdin: "" }, "send-blob", "-", "--output", "json");
        const { blob_ref: ref, size, hash } = JSON.parse(stdout);
        const same = ref === computed(new Uint8Array());
        return { code, size, hash: hash !== undefined, same };
      },
    },
    "blob-stage-serve-fetch": {
      description: "what send-blob stages is served, and fetched byte for byte",
      reference: { codes: [0, 0], same: true, staged: true },
      async run(place) {
        const source = place.at("source");
        await Deno.writeFile(source, noise(6 * 2 ** 20, 40));
        const sent = await place
          .run`send-blob ${source} --store ${place.liveStore} --output json`;
        const { blob_ref: ref, staged_to: staged } = JSON.parse(sent.stdout);
        const { code } = await place.recvBlob(ref);
        return {
          codes: [sent.code, code],
          same: await sameBytes(source, place.at("out")),
          staged: staged === place.liveStore,
        };
      },
    },
  }),
  ...from("sdk/src/transport.rs", {
    "blob-declared-size": {
      description: "a reference that declares another size than the chunk has",
      reason: "a size that is wrong is a reference that is wrong",
      reference: { code: 0, out: 25 },
      ours: { code: 3, out: null },
      async run(place) {
        const { code } = await place.recvBlob(place.refs.misdeclared);
        return { code, out: await place.size("out") };
      },
    },
    "partial-left-over": {
      description: "a partial file that holds rubbish does no harm",
      reference: { code: 0, same: true, beside: ["out"] },
      async run(place) {
        await Deno.writeFile(place.at("out.partial"), noise(300_000, 41));
        const { code } = await place.recvBlob(place.refs.small);
        return {
          code,
          same: await sameBytes(place.at("out"), place.source("small.bin")),
          beside: await place.names(),
        };
      },
    },
    "partial-is-link": {
      description: "a partial file that is a link to a file elsewhere",
      reason: "what somebody planted is not written through",
      reference: { code: 0, elsewhere: 204_800 },
      ours: { code: 1, elsewhere: 4 },
      async run(place) {
        const elsewhere = await place.write("elsewhere", "kept");
        await Deno.symlink(elsewhere, place.at("out.partial"));
        const { code } = await place.recvBlob(place.refs.small);
        return { code, elsewhere: await place.size("elsewhere") };
      },
    },
    "partial-two-runs": {
      description: "two runs into one target",
      reason: "the second is refused; both would write the same partial file",
      reference: { second: 0, content: "either, or a mixture" },
      ours: { second: 3, content: "of the first, once it has it" },
      async run(place) {
        const first = place.start`recv-blob --out ${place.at("out")} --blob-ref
          ${place.hostile.stallingBlob()} ${place.hostile.attach()}`;
        await until(async () => await place.size("out.partial") !== null);
        const second = await place.recvBlob(place.refs.small);
        first.kill("SIGKILL");
        await first.output();
        const content = await place.size("out") ??
          "of the first, once it has it";
        return { second: second.code, content };
      },
    },
    "partial-bad-reference": {
      description: "a malformed reference makes no partial file",
      reference: { code: 2, out: 3, beside: ["out"] },
      async run(place) {
        await place.write("out", "old");
        const { code } = await place.recvBlob("zz");
        const out = await place.size("out");
        return { code, out, beside: await place.names() };
      },
    },
    "partial-bad-config": {
      description:
        "a configuration file that is not TOML makes no partial file",
      reference: { code: 3, beside: ["config"] },
      async run(place) {
        const config = ["--config", await place.write("config", "[")];
        const { code } = await place
          .recvBlob(place.refs.small, "out", ...config);
        return { code, beside: await place.names() };
      },
    },
  }),
};
