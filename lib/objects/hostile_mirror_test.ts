import { assert, assertEquals, assertRejects } from "@std/assert";
import { PeerClosedError, ProtocolError, TimeoutError } from "../errors.ts";
import { OBJECT_REDIRECTS_MAX, OBJECT_TRIES_MAX } from "../limits.ts";
import {
  CHUNK,
  gone,
  HASH,
  join,
  mirrorTest as test,
  PATH,
} from "./testing/mirror.ts";
import { type Script, serveFiles } from "./testing/scripted_server.ts";

for (
  const [what, script] of [
    ["announces more", serveFiles({ [PATH]: join(CHUNK, CHUNK) })],
    ["announces less", serveFiles({ [PATH]: CHUNK.subarray(1) })],
    ["sends on and on", async (_: unknown, answer) => {
      await answer.raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
      while (!answer.signal.aborted) {
        await answer.raw("10000\r\n", new Uint8Array(0x10000), "\r\n");
      }
    }],
    [
      "answers with a page",
      (_: unknown, answer) =>
        answer.send(200, "<html>Log in</html>", {
          "content-type": "text/html",
        }),
    ],
    ["answers with nothing", (_: unknown, answer) => answer.send(200)],
    [
      "answers with what is no success",
      (_: unknown, answer) => answer.send(204),
    ],
    [
      "redirects in a circle",
      (_: unknown, answer) => answer.send(302, "", { location: "/again" }),
    ],
    [
      "redirects to a file",
      (_: unknown, answer) =>
        answer.send(302, "", { location: "file:///etc/passwd" }),
    ],
  ] as [string, Script][]
) {
  test(
    `a server that ${what} is told, and asked no more`,
    script,
    async (mirror, server) => {
      const error = await assertRejects(
        () => mirror.read(HASH, CHUNK.length),
        ProtocolError,
      );
      assert(
        !error.message.includes("passwd") || /not HTTP/.test(error.message),
      );
      assert(server.requests.length <= OBJECT_REDIRECTS_MAX + 1);
    },
  );
}

test(
  "an endless answer of unknown length is cut at the longest chunk",
  async (_, answer) => {
    await answer.raw("HTTP/1.1 200 OK\r\n\r\n");
    const block = new Uint8Array(1 << 20);
    while (!answer.signal.aborted) await answer.raw(block);
  },
  async (mirror) => {
    await assertRejects(() => mirror.get(HASH), ProtocolError, "more than");
  },
);

test(
  "an answer longer than it announces ends where it announced",
  async (_, answer) => {
    await answer.raw(
      `HTTP/1.1 200 OK\r\nContent-Length: ${CHUNK.length}\r\n\r\n`,
      CHUNK,
      "HTTP/1.1 200 OK\r\n".repeat(1000),
    );
    answer.close();
  },
  async (mirror) => {
    assertEquals(await mirror.get(HASH), CHUNK);
  },
);

test(
  "an answer shorter than it announces is asked for again, and given up",
  async (_, answer) => {
    await answer.raw(
      `HTTP/1.1 200 OK\r\nContent-Length: ${CHUNK.length}\r\n\r\n`,
      CHUNK.subarray(0, 10),
    );
    answer.close();
  },
  async (mirror, server) => {
    await assertRejects(() => mirror.read(HASH, CHUNK.length), PeerClosedError);
    assertEquals(server.requests.length, OBJECT_TRIES_MAX);
  },
);

test(
  "a packed answer is unpacked by the runtime, or refused",
  async (_, answer) => {
    await answer.send(200, await gzip(CHUNK), { "content-encoding": "gzip" });
  },
  async (mirror) => {
    for (const size of [undefined, CHUNK.length]) {
      const read = await mirror.read(HASH, size).catch((error) => error);
      if (read instanceof ProtocolError) assert(/packed/.test(read.message));
      else assertEquals(read, CHUNK);
    }
  },
);

test(
  "a packed answer that unpacks to far more is cut, or refused",
  async (_, answer) => {
    await answer.send(200, await gzip(new Uint8Array(32 << 20)), {
      "content-encoding": "gzip",
    });
  },
  async (mirror) => {
    await assertRejects(() => mirror.read(HASH, CHUNK.length), ProtocolError);
  },
);

for (
  const [what, script] of [
    ["says nothing", async (_: unknown, answer) => await gone(answer.signal)],
    ["stops in its head", async (_: unknown, answer) => {
      await answer.raw("HTTP/1.1 200 OK\r\nContent-Len");
      await gone(answer.signal);
    }],
    ["sends a byte now and then", async (_: unknown, answer) => {
      await answer.raw("HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n");
      while (!answer.signal.aborted) {
        await answer.raw("x");
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    }],
  ] as [string, Script][]
) {
  test(
    `a server that ${what} is given up after the time-out`,
    script,
    async (mirror) => {
      await assertRejects(() => mirror.read(HASH, CHUNK.length), TimeoutError);
    },
    { timeoutMs: 150 },
  );
}

test("a head that never ends is given up", async (_, answer) => {
  await answer.raw("HTTP/1.1 200 OK\r\n");
  while (!answer.signal.aborted) {
    await answer.raw(`x: ${"y".repeat(8000)}\r\n`);
  }
}, async (mirror) => {
  await assertRejects(() => mirror.read(HASH, CHUNK.length));
}, { timeoutMs: 10_000 });

test("what is no HTTP is an error", async (_, answer) => {
  await answer.raw("SSH-2.0-OpenSSH_9.2\r\n");
  answer.close();
}, async (mirror) => {
  await assertRejects(() => mirror.read(HASH, CHUNK.length), PeerClosedError);
});

async function gzip(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const packed = new Blob([bytes]).stream().pipeThrough(
    new CompressionStream("gzip"),
  );
  return new Uint8Array(await new Response(packed).arrayBuffer());
}
