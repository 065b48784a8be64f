import { blake3, parseRef } from "../../lib/content/mod.ts";
import { TransferError } from "../../lib/errors.ts";
import { type BidiStream, Node, type Session } from "../../lib/mesh/mod.ts";
import {
  attachOptions,
  listen,
  readAll,
} from "../../lib/mesh/testing/echo_node.ts";
import { toHex } from "../../lib/text/hex.ts";
import {
  fetchBlob,
  fetchBlobStream,
  fetchDir,
} from "../../lib/transfer/mod.ts";
import { TempDir } from "../../scripts/temp_dir.ts";
import type { Attack } from "./attack.ts";

const MIB = 2 ** 20;
/** The longest chunk that there is. */
const LONGEST = 16 * MIB;
const LENGTHS = [LONGEST + 1, 64 * MIB, 512 * MIB, 2 ** 40];
/** What a client gives credit for before it has read anything. */
const CREDIT_MAX = 24 * MIB;
const PART = new Uint8Array(65_536);

/** "Here it is", and a length: by hand, since ours writes none that is too long. */
function header(length: number): Uint8Array<ArrayBuffer> {
  const bytes = [0];
  for (let rest = length; bytes.push(rest % 128), rest >= 128;) {
    bytes[bytes.length - 1] += 128;
    rest = Math.floor(rest / 128);
  }
  return Uint8Array.from(bytes);
}

/** Announces a chunk of so many bytes, and sends them as long as it may. */
async function answer(
  stream: BidiStream,
  length: number,
  onSent: (bytes: number) => void,
): Promise<void> {
  await stream.write(header(length));
  for (let sent = 0; sent < length; sent += PART.length) {
    const part = PART.subarray(0, Math.min(PART.length, length - sent));
    await stream.write(part);
    onSent(part.length);
  }
  stream.finish();
}

type Fetch = (session: Session, ref: string, out: string) => Promise<unknown>;

const FETCHES: Record<string, Fetch> = {
  "a file": (session, ref, out) => fetchBlob(session, parseRef(ref), out),
  "a stream": async (session, ref) => {
    for await (const part of fetchBlobStream(session, parseRef(ref))) {
      if (part.length > LONGEST) {
        throw new Error(`${part.length} bytes at once`);
      }
    }
  },
  "a manifest": (session, ref, out) => fetchDir(session, parseRef(ref), out),
};

/** Fetches by a bare hash from a holder that announces so much. */
async function play(
  length: number,
  fetch: Fetch,
): Promise<{ ending: string; sent: number; left: string[] }> {
  let sent = 0;
  const serve = async (session: Session) => {
    for await (const stream of session.incomingStreams()) {
      // Only the end of the fetch is of interest.
      readAll(stream).then(() => answer(stream, length, (n) => sent += n))
        .catch(() => stream.reset(1));
    }
  };
  await using dir = await TempDir.make();
  await using node = await listen(serve);
  await using session = await Node.attach(attachOptions(node));
  // The right hash of what the holder sends, where that is short enough to tell.
  const content = new Uint8Array(Math.min(length, 64 * MIB));
  let ending = "fetched";
  try {
    await fetch(session, toHex(blake3(content)), dir.at("out"));
  } catch (error) {
    ending = error instanceof TransferError ? error.kind : String(error);
  }
  const left = [...Deno.readDirSync(dir.path)].filter(({ name }) =>
    name === "out"
  );
  return { ending, sent, left: left.map(({ name }) => name) };
}

export const attack: Attack = {
  name: "big_bare_hash",
  claim:
    "A hash without a length takes at most 16 MiB, whatever the holder announces.",
  async run() {
    const faults: string[] = [];
    let most = 0;
    for (const [name, fetch] of Object.entries(FETCHES)) {
      for (const length of LENGTHS) {
        const { ending, sent, left } = await play(length, fetch);
        most = Math.max(most, sent);
        const isRefused = ["manifest", "protocol"].includes(ending);
        if (!isRefused || sent > CREDIT_MAX || left.length > 0) {
          faults.push(`${name} of ${length} bytes: ${ending}, ${sent} taken`);
        }
      }
    }
    const whole = await play(LONGEST, FETCHES["a file"]);
    if (whole.ending !== "fetched") {
      faults.push(`a file of 16 MiB: ${whole.ending}`);
    }
    return {
      held: faults.length === 0,
      line: faults.length > 0
        ? faults.join("; ")
        : `16 MiB are fetched, and ${LENGTHS.join(", ")} bytes refused, as ${
          Object.keys(FETCHES).join(", ")
        }`,
      cost: {
        attacker: "12 bytes",
        node: `at most ${most} bytes of credit, no chunk`,
      },
    };
  },
};
