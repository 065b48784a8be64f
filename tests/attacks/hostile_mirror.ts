import { equals } from "@std/bytes/equals";
import { blake3 } from "../../lib/content/mod.ts";
import { TransferError } from "../../lib/errors.ts";
import { CHUNK_MAX } from "../../lib/limits.ts";
import { HttpMirror, parseObjectsUrl } from "../../lib/objects/mod.ts";
import {
  type Script,
  ScriptedServer,
} from "../../lib/objects/testing/scripted_server.ts";
import { noise } from "../../scripts/make_tree.ts";
import type { Attack } from "./attack.ts";

const CHUNK = noise(200_000, 1);
const HASH = blake3(CHUNK);
const OK = "HTTP/1.1 200 OK\r\n";
/** What a server may get rid of at most: a few tries, and what sockets hold. */
const SENT_MAX = 6 * CHUNK_MAX;
/** Only who has to wait for it does; a busy machine must not reach it elsewhere. */
const SHORT_MS = 200;
const LONG_MS = 30_000;

/** What a hostile server does; whether the time-out is what ends it. */
type Behaviour = [what: string, script: Script, isSlow?: boolean];

/** Sends one thing again and again. */
async function flood(
  answer: Parameters<Script>[1],
  part: string | Uint8Array,
  pauseMs = 0,
): Promise<void> {
  while (!answer.signal.aborted) {
    await answer.raw(part);
    if (pauseMs > 0) await new Promise((go) => setTimeout(go, pauseMs));
  }
}

const BEHAVIOURS: readonly Behaviour[] = [
  ["other bytes", (_, answer) => answer.send(200, CHUNK.toReversed())],
  ["nothing", (_, answer) => answer.send(200)],
  [
    "a page",
    (_, answer) => answer.send(200, "<html>", { "content-type": "text/html" }),
  ],
  ["an endless body", async (_, answer) => {
    await answer.raw(`${OK}\r\n`);
    await flood(answer, new Uint8Array(1 << 20));
  }],
  ["endless parts", async (_, answer) => {
    await answer.raw(`${OK}Transfer-Encoding: chunked\r\n\r\n`);
    await flood(answer, "1\r\nx\r\n".repeat(10_000));
  }],
  ["an endless head", async (_, answer) => {
    await answer.raw(OK);
    await flood(answer, `x: ${"y".repeat(1000)}\r\n`);
  }],
  [
    "a length beyond all bounds",
    (_, answer) => answer.raw(`${OK}Content-Length: 999999999999\r\n\r\n`),
  ],
  [
    "two lengths",
    (_, answer) =>
      answer.raw(`${OK}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab`),
  ],
  ["a second answer behind the first", async (_, answer) => {
    await answer.send(404);
    await answer.send(200, CHUNK.toReversed());
  }],
  [
    "an endless redirect",
    (_, answer) => answer.send(302, "", { location: "/again" }),
  ],
  [
    "a redirect to a file",
    (_, answer) => answer.send(302, "", { location: "file:///etc/passwd" }),
  ],
  [
    "a wrong range",
    (_, answer) => answer.send(206, CHUNK, { "content-range": "bytes 5-9/10" }),
  ],
  [
    "busy for a year",
    (_, answer) => answer.send(503, "", { "retry-after": "31536000" }),
  ],
  ["cut for ever", async (_, answer) => {
    await answer.raw(`${OK}Content-Length: ${CHUNK.length}\r\n\r\nx`);
    answer.close();
  }],
  ["no HTTP", async (_, answer) => {
    await answer.raw("\x00".repeat(100_000));
    answer.close();
  }],
  ["silence", (_, answer) => flood(answer, "", 5), true],
  ["a byte now and then", async (_, answer) => {
    await answer.raw(`${OK}Content-Length: ${CHUNK.length}\r\n\r\n`);
    await flood(answer, "x", 5);
  }, true],
];

/** What went wrong, if anything. */
async function tryOne(
  [what, script, isSlow = false]: Behaviour,
  direct: boolean,
): Promise<string[]> {
  let sent = 0;
  const wrong: string[] = [];
  await using server = new ScriptedServer(async (request, answer) => {
    await script(request, {
      ...answer,
      async raw(...parts) {
        for (const part of parts) sent += part.length;
        await answer.raw(...parts);
      },
    });
  });
  const location = parseObjectsUrl(server.url.replace("//", "//me:secret@"));
  if (location.kind !== "http") throw new Error("that is no mirror");
  await using mirror = new HttpMirror(location, {
    direct,
    timeoutMs: isSlow ? SHORT_MS : LONG_MS,
    pause: () => Promise.resolve(),
  });
  for (const size of [undefined, CHUNK.length]) {
    try {
      const bytes = size === undefined
        ? await mirror.get(HASH)
        : await mirror.read(HASH, size);
      // What is read without being verified has at least the right length.
      const isRight = bytes === undefined ||
        (size === undefined ? equals(bytes, CHUNK) : bytes.length === size);
      if (!isRight) wrong.push(`${what} was taken for a chunk`);
    } catch (error) {
      if (!(error instanceof TransferError)) throw error;
      if (/secret/.test(Deno.inspect(error))) {
        wrong.push(`${what} made it tell a password`);
      }
    }
  }
  if (sent > 2 * SENT_MAX) wrong.push(`${what} brought ${sent} bytes`);
  return wrong;
}

/** Whether another host that is redirected to is given the password. */
async function tellsPassword(direct: boolean): Promise<boolean> {
  await using other = new ScriptedServer((_, answer) => answer.send(404));
  await using server = new ScriptedServer((_, answer) =>
    answer.send(302, "", { location: other.url })
  );
  const location = parseObjectsUrl(server.url.replace("//", "//me:secret@"));
  if (location.kind !== "http") throw new Error("that is no mirror");
  await using mirror = new HttpMirror(location, { direct });
  await mirror.get(HASH);
  return other.requests.length === 0 ||
    other.requests.some(({ headers }) => headers.has("authorization"));
}

export const attack: Attack = {
  name: "hostile_mirror",
  claim:
    "Whoever runs a mirror that chunks are read from has no other content taken, sends no more than a few chunks for one, keeps nobody waiting beyond the time-out, and gets no password for others.",
  async run() {
    const wrong: string[] = [];
    for (const direct of [true, false]) {
      const all = BEHAVIOURS.map((behaviour) => tryOne(behaviour, direct));
      wrong.push(...(await Promise.all(all)).flat());
      if (await tellsPassword(direct)) {
        wrong.push("a redirect was sent the password");
      }
    }
    return {
      held: wrong.length === 0,
      line: wrong.length === 0
        ? `${BEHAVIOURS.length} ways to answer wrongly, read by both ways, brought nothing but errors`
        : wrong.join("; "),
    };
  },
};
