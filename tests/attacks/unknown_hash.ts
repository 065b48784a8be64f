import { fromHex } from "../../lib/text/hex.ts";
import { Node } from "../../lib/mesh/mod.ts";
import { exchange } from "../../lib/mesh/testing/echo_node.ts";
import {
  encodeRequest,
  type Request,
} from "../../lib/transfer/protocol/request.ts";
import { noise } from "../../scripts/make_tree.ts";
import { TempDir } from "../../scripts/temp_dir.ts";
import { startHolder } from "../support/cli.ts";
import type { Attack } from "./attack.ts";
import { attachOptionsOfHolder } from "./support/beside.ts";

const GUESSES = 1000;
/** Names of procedures that an attacker would like there to be. */
const PROCEDURES = [
  "",
  "list",
  "blob.list",
  "blob.refs",
  "node.refs",
  "store.list",
  "../etc/passwd",
  "content.changes",
];

export const attack: Attack = {
  name: "unknown_hash",
  claim:
    "A client fetches nothing whose hash it does not know: no guess, no part of a hash, no listing.",
  async run() {
    await using dir = await TempDir.make();
    const secret = noise(100_000, 5);
    const path = await dir.write("secret", secret);
    await using holder = await startHolder(dir.path, [path]);
    await using session = await Node.attach(attachOptionsOfHolder(holder));
    // Magic, version, codec and length lie before the hash; any 32 bytes of it.
    const reference = fromHex(holder.refs[0].ref);
    const hashes: Uint8Array[] = [];
    for (let i = 0; i < GUESSES; i++) hashes.push(noise(32, 1000 + i));
    const known = { kind: "have", hashes: candidates(reference) } as const;
    const held = await exchange(session, encodeRequest(known));
    // A tag and a length of one byte each, then a bit for each.
    const bits = held.subarray(2);
    const at = bits.findIndex((byte) => byte !== 0);
    const real = known.hashes[8 * at + Math.log2(bits[at] & -bits[at])];
    for (let bytes = 0; bytes < 32; bytes++) {
      // All of it but the rest.
      const part = real.slice();
      part.fill(0, bytes);
      hashes.push(part);
    }
    let leaked = 0;
    for (let i = 0; i < hashes.length; i += 500) {
      const some = hashes.slice(i, i + 500);
      for (const kind of ["have", "get_many"] as const) {
        const answer = await exchange(
          session,
          encodeRequest({ kind, hashes: some }),
        );
        const no = kind === "have" ? 0 : 1;
        const said = kind === "have" ? answer.subarray(2) : answer;
        leaked += said.filter((byte) => byte !== no).length;
      }
    }
    let listed = 0;
    for (const name of PROCEDURES) {
      const call: Request = { kind: "rpc", name, body: new Uint8Array() };
      const answer = await exchange(session, encodeRequest(call));
      if (contains(answer, real)) listed++;
    }
    return {
      held: at !== -1 && leaked === 0 && listed === 0,
      line: `${GUESSES} guesses and 32 beginnings of the true hash got ` +
        `${leaked} bytes, ${PROCEDURES.length} procedures named ${listed} hashes`,
    };
  },
};

/** Every 32 bytes of a reference: one of them is the hash. */
function candidates(reference: Uint8Array): Uint8Array[] {
  return Array.from(
    { length: reference.length - 31 },
    (_, at) => reference.slice(at, at + 32),
  );
}

function contains(bytes: Uint8Array, wanted: Uint8Array): boolean {
  return candidates(bytes).some((some) =>
    some.every((byte, i) => byte === wanted[i])
  );
}
