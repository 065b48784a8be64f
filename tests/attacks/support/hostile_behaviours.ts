/** What a hostile holder does with a request, and how a fetch from it may end. */

import type { BidiStream, Session } from "../../../lib/mesh/mod.ts";
import {
  encodeResponseHeader,
  type Request,
} from "../../../lib/transfer/mod.ts";

/** What a hostile holder works with. */
export interface Scene {
  readonly request: Request;
  readonly stream: BidiStream;
  readonly session: Session;
  /** The whole honest response. */
  readonly honest: Uint8Array<ArrayBuffer>;
  /** Where its first content byte is. */
  readonly start: number;
}

export interface Behaviour {
  readonly name: string;
  act(scene: Scene): Promise<unknown> | unknown;
  /** How a fetch may end; `ok` is with all content. */
  readonly ends: readonly string[];
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Sends bytes and the end. */
export async function say(
  { stream }: Scene,
  ...parts: (Uint8Array | readonly number[])[]
): Promise<void> {
  for (const part of parts) await stream.write(Uint8Array.from(part));
  stream.finish();
}

/** Sends bytes and no end. */
async function begin({ stream }: Scene, part: Uint8Array): Promise<void> {
  await stream.write(part);
}

const without = (scene: Scene, count: number) =>
  scene.honest.subarray(0, scene.honest.length - count);
const changed = ({ honest }: Scene, at: number) => {
  const bytes = honest.slice();
  bytes[at < 0 ? bytes.length + at : at] ^= 1;
  return bytes;
};
const content = ({ honest, start }: Scene) => honest.subarray(start);
const announcing = (length: number) => encodeResponseHeader(length);

const LENGTH = ["manifest"];
const WRONG = ["hash_mismatch"];
const BROKEN = ["protocol"];
const GONE = ["peer_closed"];
const LATE = ["timeout"];
/** A session that ends is attached to again until time is over. */
const LOST = ["timeout", "peer_closed"];

/** What a holder may do against the rules. */
export const BEHAVIOURS: readonly Behaviour[] = [
  { name: "never answers", act: () => {}, ends: LATE },
  { name: "ends at once", act: (s) => say(s), ends: BROKEN },
  ...[1, 2, 6, 7, 999].map((code) => ({
    name: `resets with code ${code}`,
    act: (s: Scene) => s.stream.reset(code),
    ends: GONE,
  })),
  ...[5, 8].map((code) => ({
    name: `asks to be asked later, with code ${code}, for ever`,
    act: (s: Scene) => s.stream.reset(code),
    ends: LOST,
  })),
  { name: "has nothing", act: (s) => say(s, [1]), ends: ["not_found"] },
  { name: "sends an unknown tag", act: (s) => say(s, [0x7f]), ends: BROKEN },
  {
    name: "sends an unknown tag and then all",
    act: (s) => say(s, [0xff], s.honest),
    ends: BROKEN,
  },
  { name: "answers as to Rpc", act: (s) => say(s, [2, 0, 0]), ends: BROKEN },
  {
    name: "sends an endless length",
    act: (s) => say(s, [0], new Uint8Array(100).fill(0xff)),
    ends: BROKEN,
  },
  {
    name: "stops in its length",
    act: (s) => say(s, [0, 0x80]),
    ends: BROKEN,
  },
  {
    name: "announces 2^60 bytes",
    act: (s) => say(s, [0, 128, 128, 128, 128, 128, 128, 128, 128, 16]),
    ends: BROKEN,
  },
  ...[0, 1, 17 * 2 ** 20, 2 ** 40].map((length) => ({
    name: `announces ${length} bytes`,
    act: (s: Scene) => say(s, announcing(length), content(s)),
    ends: LENGTH,
  })),
  {
    name: "changes the first byte",
    act: (s) => say(s, changed(s, s.start)),
    ends: WRONG,
  },
  {
    name: "changes the last byte",
    act: (s) => say(s, changed(s, -1)),
    ends: WRONG,
  },
  {
    name: "sends zeros",
    act: (s) => say(s, s.honest.subarray(0, s.start), content(s).map(() => 0)),
    // Headers between chunks are zeroed, too.
    ends: [...WRONG, ...LENGTH],
  },
  {
    name: "sends the bytes backwards",
    act: (s) => say(s, s.honest.subarray(0, s.start), content(s).toReversed()),
    ends: [...WRONG, ...LENGTH, ...BROKEN],
  },
  {
    name: "ends one byte early",
    act: (s) => say(s, without(s, 1)),
    ends: BROKEN,
  },
  {
    name: "ends after its header",
    act: (s) => say(s, s.honest.subarray(0, s.start)),
    ends: BROKEN,
  },
  {
    name: "stops one byte early",
    act: (s) => begin(s, without(s, 1)),
    ends: LATE,
  },
  {
    name: "stops after its header",
    act: (s) => begin(s, s.honest.subarray(0, s.start)),
    ends: LATE,
  },
  {
    name: "stops in its header",
    act: (s) => begin(s, Uint8Array.of(0)),
    ends: LATE,
  },
  { name: "withholds the end", act: (s) => begin(s, s.honest), ends: LATE },
  {
    name: "stops and resets",
    act: async (s) => {
      await begin(s, without(s, 10));
      s.stream.reset(7);
    },
    ends: GONE,
  },
  {
    name: "sends a byte more",
    act: (s) => say(s, s.honest, [0]),
    ends: BROKEN,
  },
  {
    name: "sends all twice",
    act: (s) => say(s, s.honest, s.honest),
    ends: BROKEN,
  },
  {
    name: "goes on for ever",
    act: async (s) => {
      await begin(s, s.honest);
      for (;;) await s.stream.write(new Uint8Array(65_536));
    },
    ends: BROKEN,
  },
  {
    name: "sends little by little, and then nothing",
    act: async (s) => {
      for (let i = 0; i < 10; i++) {
        await begin(s, s.honest.subarray(i, i + 1));
        await pause(60);
      }
    },
    ends: LATE,
  },
  {
    name: "answers on a stream of its own",
    act: async (s) => {
      const other = await s.session.openStream();
      await other.write(s.honest);
      other.finish();
    },
    ends: LATE,
  },
  {
    name: "opens streams that nobody reads, and answers",
    act: async (s) => {
      const open = async () => {
        const other = await s.session.openStream();
        for (;;) await other.write(new Uint8Array(65_536));
      };
      for (let i = 0; i < 20; i++) open().catch(() => {});
      await say(s, s.honest);
    },
    // It has used up the credit of the session with what nobody reads.
    ends: ["ok", ...LATE],
  },
  {
    name: "ends the session",
    act: (s) => s.session.close(),
    ends: LOST,
  },
  {
    name: "ends the session with an error and a terminal's commands",
    act: (s) => s.session.close(77, "\x1b[2J\x07".repeat(30)),
    ends: LOST,
  },
];
