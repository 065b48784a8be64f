import { assert, assertEquals, assertRejects } from "@std/assert";
import { ProtocolError } from "../errors.ts";
import { HTTP_HEAD_MAX, OBJECT_REQUESTS_MAX } from "../limits.ts";
import { DirectConnections } from "./direct_connections.ts";
import { Gathered } from "./gathered.ts";
import { type Script, ScriptedServer } from "./testing/scripted_server.ts";

const NEVER = new AbortController().signal;

/** Asks a server, and gives the status and the body. */
async function ask(
  connections: DirectConnections,
  url: string,
  { body, most = 1000, method = "GET" }: {
    body?: Uint8Array<ArrayBuffer>;
    most?: number;
    method?: "GET" | "HEAD" | "PUT";
  } = {},
): Promise<string | undefined> {
  const target = new Gathered(most);
  const head = await connections.exchange(
    { method, url: new URL(url), headers: {}, ...(body && { body }) },
    { receive: () => target, onBytes: () => {}, onSent: () => {} },
    NEVER,
  );
  return head && `${head.status} ${new TextDecoder().decode(target.bytes)}`;
}

/** A test with a server of a script. */
function test(
  name: string,
  script: Script,
  run: (
    ask: (options?: { most?: number; method?: "HEAD" }) => Promise<unknown>,
    server: ScriptedServer,
  ) => Promise<void>,
): void {
  Deno.test(name, async () => {
    await using server = new ScriptedServer(script);
    using connections = new DirectConnections();
    await run((options) => ask(connections, server.url, options), server);
  });
}

test(
  "a body in parts is put together, and the connection is kept",
  async (_, answer) => {
    await answer.raw(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
      "3;x=y\r\nabc\r\n",
      "2\r\nde\r\n0\r\ntrailer: x\r\n\r\n",
    );
  },
  async (ask, server) => {
    for (let i = 0; i < 3; i++) assertEquals(await ask(), "200 abcde");
    assertEquals(server.connections, 1);
  },
);

test(
  "a head that comes byte by byte is read, after those that announce it",
  async (_, answer) => {
    const text =
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\n" +
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
    for (const character of text) await answer.raw(character);
  },
  async (ask) => {
    assertEquals(await ask(), "200 hi");
  },
);

test(
  "a body that ends with the connection is read to its end",
  async (_, answer) => {
    await answer.raw("HTTP/1.1 200 OK\r\n\r\nabc");
    answer.close();
  },
  async (ask, server) => {
    assertEquals(await ask(), "200 abc");
    assertEquals(await ask(), "200 abc");
    assertEquals(server.connections, 2);
  },
);

test(
  "an answer to HEAD has no body, whatever it announces",
  async (_, answer) => {
    await answer.raw("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
  },
  async (ask, server) => {
    assertEquals(await ask({ method: "HEAD" }), "200 ");
    assertEquals(await ask({ method: "HEAD" }), "200 ");
    assertEquals(server.connections, 1);
  },
);

test(
  "a connection on which more came than was asked for is not used again",
  async (_, answer) => {
    await answer.raw(
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi" +
        "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil",
    );
  },
  async (ask, server) => {
    assertEquals(await ask(), "200 hi");
    assertEquals(await ask(), "200 hi");
    assertEquals(server.connections, 2);
  },
);

test(
  "a connection that was closed while nobody used it is replaced",
  async (_, answer) => {
    await answer.send(200, "hi");
    answer.close();
  },
  async (ask, server) => {
    for (let i = 0; i < 3; i++) assertEquals(await ask(), "200 hi");
    assertEquals([server.connections, server.requests.length], [3, 3]);
  },
);

for (
  const [what, text] of [
    ["an endless head", `HTTP/1.1 200 OK\r\nx: ${"y".repeat(HTTP_HEAD_MAX)}`],
    ["a length that is none", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"],
    [
      "parts without a length",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
    ],
    [
      "a part that is longer than it says",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n",
    ],
    [
      "an endless line before a part",
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;${
        "x".repeat(5000)
      }`,
    ],
    [
      "an endless tail",
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n${
        "x: y\r\n".repeat(500)
      }`,
    ],
    [
      "more than there may be",
      "HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n",
    ],
    [
      "more parts than there may be",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\n",
    ],
  ]
) {
  test(`${what} is refused`, async (_, answer) => {
    await answer.raw(text);
  }, async (ask) => {
    await assertRejects(() => ask(), ProtocolError);
  });
}

test("an answer that ends too early is an error", async (_, answer) => {
  await answer.raw("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc");
  answer.close();
}, async (ask) => {
  await assertRejects(() => ask(), Error, "cut");
});

Deno.test("a server that refuses a body before it has read it is heard", async () => {
  // It answers to the head, and closes.
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  const serving = (async () => {
    using connection = await listener.accept();
    await connection.read(new Uint8Array(1000));
    await connection.write(
      new TextEncoder().encode(
        "HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno",
      ),
    );
    // It reads on, so that nothing is lost, and never all of it.
    for (let i = 0; i < 3; i++) await connection.read(new Uint8Array(1000));
  })();
  using connections = new DirectConnections();
  const body = new Uint8Array(64 << 20);
  const answer = await ask(connections, `http://127.0.0.1:${port}/`, {
    method: "PUT",
    body,
  }).catch((error) => error);
  await serving;
  listener.close();
  // The reset that follows may outrun the answer.
  assert(answer === "403 no" || answer instanceof Error, String(answer));
});

Deno.test("what cannot be connected to is left to the runtime", async () => {
  const server = new ScriptedServer((_, answer) => answer.send(200));
  const { url } = server;
  await server[Symbol.asyncDispose]();
  using connections = new DirectConnections();
  assertEquals(await ask(connections, url), undefined);
});

Deno.test("no more connections are kept than there may be requests, to however many hosts", async () => {
  const servers = Array.from({ length: OBJECT_REQUESTS_MAX + 5 }, () => {
    let left = 0;
    const server = new ScriptedServer(async (_, answer) => {
      answer.signal.addEventListener("abort", () => left++);
      await answer.send(200, "hi");
    });
    return { server, isLeft: () => left > 0 };
  });
  const connections = new DirectConnections();
  for (const { server } of servers) await ask(connections, server.url);
  // Those that were closed are seen to be, some time.
  while (servers.filter(({ isLeft }) => isLeft()).length < 5) {
    await new Promise((go) => setTimeout(go, 1));
  }
  const first = servers.findIndex(({ isLeft }) => !isLeft());
  assertEquals(first, 5);
  connections[Symbol.dispose]();
  for (const { server } of servers) await server[Symbol.asyncDispose]();
});

Deno.test("a request that is stopped closes its connection", async () => {
  await using server = new ScriptedServer(
    (_, { signal }) =>
      new Promise((resolve) =>
        signal.addEventListener("abort", () => resolve())
      ),
  );
  using connections = new DirectConnections();
  const stop = new AbortController();
  const asking = connections.exchange(
    { method: "GET", url: new URL(server.url), headers: {} },
    {
      receive: () => new Gathered(10),
      onBytes: () => {},
      onSent: () => setTimeout(() => stop.abort(), 0),
    },
    stop.signal,
  );
  await assertRejects(() => asking);
});
