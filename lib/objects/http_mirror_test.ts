import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  HashMismatchError,
  PeerClosedError,
  PermissionError,
} from "../errors.ts";
import { OBJECT_TRIES_MAX } from "../limits.ts";
import { DiskStore } from "../store/mod.ts";
import { toHex } from "../text/hex.ts";
import {
  CHUNK,
  gone,
  HASH,
  join,
  mirrorAt,
  mirrorTest as test,
  PATH,
} from "./testing/mirror.ts";
import {
  type Script,
  ScriptedServer,
  serveFiles,
} from "./testing/scripted_server.ts";

const STORED = `/dataforts/blob/${toHex(HASH)}/v0000000001`;
const FILES = { [PATH]: CHUNK };
const OTHER = new Uint8Array(32);

test(
  "a chunk that is there is read, and one that is not is not held",
  serveFiles(FILES),
  async (mirror) => {
    assertEquals(await mirror.get(HASH), CHUNK);
    assertEquals(await mirror.read(HASH, CHUNK.length), CHUNK);
    assert(await mirror.has(HASH));
    assert(!await mirror.has(OTHER));
    assertEquals(await mirror.get(OTHER), undefined);
  },
);

test(
  "connections are kept for further requests",
  serveFiles(FILES),
  async (mirror, server) => {
    for (let i = 0; i < 5; i++) await mirror.get(HASH);
    assertEquals([server.connections, server.requests.length], [1, 5]);
  },
);

test(
  "which layout a mirror has is found out once",
  serveFiles({ [`${STORED}/dat`]: CHUNK }),
  async (mirror, server) => {
    assertEquals(await mirror.get(HASH), CHUNK);
    assertEquals(await mirror.get(HASH), CHUNK);
    assertEquals(await mirror.get(OTHER), undefined);
    assertEquals(
      server.requests.map(({ target }) => target.split("/")[1]),
      ["blob", "dataforts", "dataforts", "dataforts"],
    );
  },
);

Deno.test("a chunk that a store has repaired is found behind its damaged bytes", async () => {
  const dir = await Deno.makeTempDir();
  try {
    await using store = await DiskStore.open(dir, { trustParent: true });
    await store.put(HASH, CHUNK);
    const idx = await Deno.readFile(
      `${store.directoryOf(HASH)}/v0000000001/idx`,
    );
    // As a repair leaves it: the record of the damaged bytes, then a good one.
    const second = idx.slice();
    new DataView(second.buffer).setUint32(8, CHUNK.length, true);
    const files = {
      [`${STORED}/dat`]: join(new Uint8Array(CHUNK.length), CHUNK),
      [`${STORED}/idx`]: join(idx, second),
    };
    await using server = new ScriptedServer(serveFiles(files));
    await using mirror = mirrorAt(server.url);
    assertEquals(await mirror.get(HASH), CHUNK);
    assertEquals(await mirror.read(HASH, CHUNK.length), CHUNK);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

test(
  "a damaged chunk is an error, of either layout",
  serveFiles({ [PATH]: CHUNK.toReversed(), [`${STORED}/dat`]: CHUNK }),
  async (mirror) => {
    await assertRejects(() => mirror.get(HASH), HashMismatchError);
    assertEquals(await mirror.read(HASH, CHUNK.length), CHUNK.toReversed());
  },
);

async function readCut(direct: boolean): Promise<void> {
  const parts: number[] = [];
  let cuts = 0;
  const script: Script = async ({ headers }, answer) => {
    const start = Number(/\d+/.exec(headers.get("range") ?? "0")?.[0]);
    parts.push(start);
    const rest = CHUNK.length - start;
    const head = start === 0 ? "200 OK" : "206 Partial Content";
    await answer.raw(
      `HTTP/1.1 ${head}\r\nContent-Length: ${rest}\r\n`,
      `Content-Range: bytes ${start}-${
        CHUNK.length - 1
      }/${CHUNK.length}\r\n\r\n`,
    );
    if (cuts++ < 3) {
      await answer.raw(CHUNK.subarray(start, start + 80_000));
      return answer.close();
    }
    await answer.raw(CHUNK.subarray(start));
  };
  await using server = new ScriptedServer(script);
  await using mirror = mirrorAt(server.url, { direct });
  let counted = 0;
  const bytes = await mirror.read(HASH, CHUNK.length, {
    onBytes: (count) => counted += count,
  });
  assertEquals(bytes, CHUNK);
  assertEquals(counted, CHUNK.length);
  assertEquals(parts.length, 4);
  assert(
    parts.every((start, i) => i === 0 || start > parts[i - 1]),
    `${parts}`,
  );
}

for (const direct of [true, false]) {
  Deno.test(
    `an answer that is cut goes on where it ended${
      direct ? "" : ", by the runtime's fetch, too"
    }`,
    () => readCut(direct),
  );
}

Deno.test("a cut answer of a server without ranges is read anew", async () => {
  let requests = 0;
  const whole = serveFiles(FILES, { ranges: false });
  const script: Script = async (request, answer) => {
    if (requests++ > 0) return await whole(request, answer);
    await answer.raw(
      `HTTP/1.1 200 OK\r\nContent-Length: ${CHUNK.length}\r\n\r\n`,
      CHUNK.subarray(0, 100_000),
    );
    answer.close();
  };
  await using server = new ScriptedServer(script);
  await using mirror = mirrorAt(server.url);
  let counted = 0;
  const onBytes = (count: number) => counted += count;
  assertEquals(await mirror.read(HASH, CHUNK.length, { onBytes }), CHUNK);
  assertEquals(counted, CHUNK.length);
});

Deno.test("an answer whose end nothing tells is held against the known size", async () => {
  let requests = 0;
  const files = serveFiles(FILES);
  const script: Script = async (request, answer) => {
    if (requests++ > 0) return await files(request, answer);
    await answer.raw("HTTP/1.0 200 OK\r\n\r\n", CHUNK.subarray(0, 100_000));
    answer.close();
  };
  await using server = new ScriptedServer(script);
  await using mirror = mirrorAt(server.url);
  assertEquals(await mirror.read(HASH, CHUNK.length), CHUNK);
});

Deno.test("a busy server is asked again after as long as it says", async () => {
  let requests = 0;
  const files = serveFiles(FILES);
  const script: Script = async (request, answer) => {
    if (requests++ > 1) return await files(request, answer);
    await answer.send(503, "busy", { "retry-after": "3" });
  };
  await using server = new ScriptedServer(script);
  const pauses: number[] = [];
  await using mirror = mirrorAt(server.url, {
    pause(ms) {
      pauses.push(ms);
      return Promise.resolve();
    },
  });
  assertEquals(await mirror.get(HASH), CHUNK);
  assertEquals(pauses, [3000, 3000]);
});

test(
  "a server that is always busy is given up",
  (_, answer) => answer.send(500),
  async (mirror, server) => {
    await assertRejects(() => mirror.get(HASH), PeerClosedError, "500");
    assertEquals(server.requests.length, OBJECT_TRIES_MAX);
  },
);

test(
  "a refusal is told as one, and asked for once for each layout",
  (_, answer) => answer.send(403),
  async (mirror, server) => {
    await assertRejects(() => mirror.get(HASH), PermissionError, "403");
    assertEquals(server.requests.length, 2);
  },
);

Deno.test("a server that refuses what it does not have is found to have a store", async () => {
  const files = serveFiles({ [`${STORED}/dat`]: CHUNK });
  await using server = new ScriptedServer(async (request, answer) => {
    if (request.target.startsWith(STORED)) return await files(request, answer);
    await answer.send(403);
  });
  await using mirror = mirrorAt(server.url);
  assertEquals(await mirror.get(HASH), CHUNK);
});

Deno.test("a server that is not there is told, without the secrets of the URL", async () => {
  const server = new ScriptedServer(serveFiles(FILES));
  const { url } = server;
  await server[Symbol.asyncDispose]();
  await using mirror = mirrorAt(
    url.replace("//", "//user:hunter2@") + "?sig=hunter3",
  );
  const error = await assertRejects(() => mirror.get(HASH), PeerClosedError);
  assert(!/hunter/.test(Deno.inspect(error)), Deno.inspect(error));
  assert(/refused/.test(error.message), error.message);
});

Deno.test("a redirect is followed to another host, without the credentials", async () => {
  await using other = new ScriptedServer(serveFiles(FILES));
  await using server = new ScriptedServer(async ({ target }, answer) => {
    await answer.send(302, "", { location: `${other.url}${target.slice(1)}` });
  });
  await using mirror = mirrorAt(server.url.replace("//", "//user:secret@"));
  assertEquals(await mirror.get(HASH), CHUNK);
  const sent = (to: ScriptedServer) =>
    to.requests.map(({ headers }) => headers.get("authorization"));
  assertEquals(sent(server), [`Basic ${btoa("user:secret")}`]);
  assertEquals(sent(other), [null]);
});

Deno.test("a query of the base goes with every request", async () => {
  await using server = new ScriptedServer(async (request, answer) => {
    const [target, query] = request.target.split("?");
    if (query !== "sig=1") return await answer.send(403);
    await serveFiles(FILES)({ ...request, target }, answer);
  });
  await using mirror = mirrorAt(`${server.url}?sig=1`);
  assert(await mirror.has(HASH));
});

test(
  "a server that knows no HEAD is asked for the first byte",
  async (request, answer) => {
    if (request.method === "HEAD") return await answer.send(405);
    await serveFiles(FILES)(request, answer);
  },
  async (mirror) => {
    assert(await mirror.has(HASH));
    assert(!await mirror.has(OTHER));
  },
);

test(
  "a caller that is stopped ends its request",
  async (_, answer) => await gone(answer.signal),
  async (mirror) => {
    const caller = new AbortController();
    const reading = mirror.get(HASH, { signal: caller.signal });
    caller.abort(new Error("stopped"));
    await assertRejects(() => reading, Error, "stopped");
  },
);

for (const direct of [true, false]) {
  const way = direct ? "own connections" : "those of the runtime";
  Deno.test(`no more requests run at once than there may be ${way}`, async () => {
    let running = 0;
    let most = 0;
    await using server = new ScriptedServer(async (request, answer) => {
      most = Math.max(most, ++running);
      await new Promise((go) => setTimeout(go));
      running--;
      await serveFiles(FILES)(request, answer);
    });
    await using mirror = mirrorAt(server.url, { direct, connections: 3 });
    await Promise.all(Array.from({ length: 20 }, () => mirror.get(HASH)));
    assert(most <= 3, `${most}`);
  });
}

test(
  "a caller that bounds its memory waits before the body is read",
  serveFiles(FILES),
  async (mirror) => {
    const asked: number[] = [];
    await mirror.read(HASH, undefined, {
      beforeBody(most) {
        asked.push(most);
        return Promise.resolve();
      },
    });
    assertEquals(asked, [CHUNK.length]);
  },
);
