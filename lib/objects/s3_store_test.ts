import { assert, assertEquals, assertRejects } from "@std/assert";
import { blake3 } from "../content/mod.ts";
import {
  HashMismatchError,
  NotFoundError,
  PermissionError,
  StoreError,
} from "../errors.ts";
import { toHex } from "../text/hex.ts";
import { ObjectUploads } from "./object_uploads.ts";
import { parseObjectsUrl } from "./objects_url.ts";
import { S3Store } from "./s3_store.ts";
import { ScriptedServer } from "./testing/scripted_server.ts";
import { S3_KEY, S3_SECRET, SmallS3 } from "./testing/small_s3.ts";

const CHUNK = new TextEncoder().encode("hello\n");
const HASH = blake3(CHUNK);
const KEY = `/photos/2026/blob/${toHex(HASH)}`;

function numbered(number: number): [Uint8Array, Uint8Array] {
  const bytes = new TextEncoder().encode(`chunk ${number}`);
  return [blake3(bytes), bytes];
}

function open(
  server: ScriptedServer,
  url = "s3://photos/2026",
  env: Record<string, string> = {},
): Promise<S3Store> {
  const location = parseObjectsUrl(url);
  if (location.kind !== "s3") throw new Error("no bucket");
  const all: Record<string, string> = {
    AWS_ACCESS_KEY_ID: S3_KEY,
    AWS_SECRET_ACCESS_KEY: S3_SECRET,
    AWS_SESSION_TOKEN: "hunter3",
    AWS_ENDPOINT_URL: server.url,
    ...env,
  };
  return S3Store.open(location, {
    readEnv: (name) => all[name],
    pause: () => Promise.resolve(),
  });
}

/** A test with a store in a bucket. */
function test(
  name: string,
  body: (store: S3Store, s3: SmallS3, server: ScriptedServer) => Promise<void>,
): void {
  Deno.test(name, async () => {
    const s3 = new SmallS3();
    await using server = new ScriptedServer(s3.script);
    await using store = await open(server);
    await body(store, s3, server);
  });
}

test(
  "a chunk is an object of its hash, below the prefix",
  async (store, s3) => {
    await store.put(HASH, CHUNK);
    assertEquals([...s3.objects.keys()], [KEY]);
    assertEquals(await store.get(HASH), CHUNK);
    assertEquals(await store.read(HASH, CHUNK.length), CHUNK);
    assert(await store.has(HASH));
    const [other] = numbered(1);
    assert(!await store.has(other));
    assertEquals(await store.get(other), undefined);
  },
);

test(
  "requests are signed, and tell no secret",
  async (store, _, server) => {
    await store.put(HASH, CHUNK);
    const { headers } = server.requests.at(-1)!;
    const authorization = headers.get("authorization") ?? "";
    assert(
      /^AWS4-HMAC-SHA256 Credential=AKIA1\/\d{8}\/us-east-1\/s3\/aws4_request, /
        .test(authorization),
      authorization,
    );
    assertEquals(headers.get("x-amz-content-sha256"), "UNSIGNED-PAYLOAD");
    assertEquals(headers.get("x-amz-security-token"), "hunter3");
    assert(!authorization.includes("hunter2"));
  },
);

Deno.test("without credentials requests are not signed", async () => {
  const s3 = new SmallS3();
  s3.isPublic = true;
  s3.objects.set(KEY, CHUNK);
  await using server = new ScriptedServer(s3.script);
  await using store = await open(server, undefined, {
    AWS_ACCESS_KEY_ID: "",
    AWS_SECRET_ACCESS_KEY: "",
  });
  assertEquals(await store.get(HASH), CHUNK);
  assertEquals(server.requests[0].headers.get("authorization"), null);
});

test("what is there already is not uploaded again", async (store, s3) => {
  s3.objects.set(KEY, CHUNK);
  await store.put(HASH, CHUNK);
  await store.put(...numbered(1));
  await store.put(...numbered(1));
  assertEquals(s3.asked, ["LIST", "PUT"]);
});

test("many callers that put one chunk upload it once", async (store, s3) => {
  await Promise.all(Array.from({ length: 5 }, () => store.put(HASH, CHUNK)));
  assertEquals(s3.count("PUT"), 1);
});

test(
  "many uploads run at once and are all there at the end",
  async (store, s3) => {
    const uploads = new ObjectUploads(store);
    for (let i = 0; i < 100; i++) await uploads.put(...numbered(i));
    await uploads.finish();
    assertEquals(s3.objects.size, 100);
  },
);

test(
  "a failed upload is tried again, and given up in the end",
  async (store, s3) => {
    let failures = 2;
    s3.instead = (deed) =>
      deed === "PUT" && failures-- > 0
        ? { status: 503, code: "SlowDown" }
        : undefined;
    await store.put(HASH, CHUNK);
    assertEquals(s3.count("PUT"), 3);
    failures = 1000;
    await assertRejects(() => store.put(...numbered(1)));
  },
);

test(
  "who may neither list nor look uploads all the same",
  async (store, s3) => {
    s3.instead = (deed) =>
      deed === "PUT" ? undefined : { status: 403, code: "AccessDenied" };
    await store.put(HASH, CHUNK);
    await store.put(HASH, CHUNK);
    assertEquals(s3.count("PUT"), 1);
  },
);

test("a refused upload says why, without the secrets", async (store, s3) => {
  s3.instead = (deed) =>
    deed === "PUT" ? { status: 403, code: "AccessDenied" } : undefined;
  const error = await assertRejects(
    () => store.put(HASH, CHUNK),
    PermissionError,
    "may not be written",
  );
  assert(!/hunter/.test(Deno.inspect(error)));
});

Deno.test("a prefix with characters that have to be escaped is signed as it is sent", async () => {
  const s3 = new SmallS3();
  await using server = new ScriptedServer(s3.script);
  await using store = await open(server, "s3://photos/a b/ü(1)+x*'~");
  await store.put(HASH, CHUNK);
  assertEquals(await store.get(HASH), CHUNK);
  assertEquals((await Array.fromAsync(store.list())).length, 1);
});

Deno.test("a wrong secret and an unknown key are told", async () => {
  await using server = new ScriptedServer(new SmallS3().script);
  for (
    const [env, said] of [
      [{ AWS_SECRET_ACCESS_KEY: "hunter4" }, "signature"],
      [{ AWS_ACCESS_KEY_ID: "AKIA2" }, "access key"],
    ] as [Record<string, string>, string][]
  ) {
    await using store = await open(server, undefined, env);
    const error = await assertRejects(() => store.get(HASH), PermissionError);
    assert(error.message.includes(said), error.message);
    assert(!/hunter/.test(Deno.inspect(error)));
  }
});

Deno.test("a bucket that is not there is told from a chunk that is not", async () => {
  await using server = new ScriptedServer(new SmallS3("other").script);
  await using store = await open(server);
  await assertRejects(() => store.get(HASH), NotFoundError, "photos");
  await assertRejects(() => store.put(HASH, CHUNK), NotFoundError, "photos");
});

test("an object with other bytes is an error", async (store, s3) => {
  s3.objects.set(KEY, numbered(1)[1]);
  await assertRejects(() => store.get(HASH), HashMismatchError);
});

Deno.test("a listing of many pages is listed whole", async () => {
  const s3 = new SmallS3("photos", 10);
  const expected: string[] = [];
  for (let i = 0; i < 35; i++) {
    const hex = toHex(numbered(i)[0]);
    s3.objects.set(`/photos/2026/blob/${hex}`, numbered(i)[1]);
    expected.push(hex);
  }
  s3.objects.set("/photos/2026/readme", CHUNK);
  await using server = new ScriptedServer(s3.script);
  await using store = await open(server);
  const listed = await Array.fromAsync(store.list(), ({ hex }) => hex);
  assertEquals(listed, expected.sort());
  assertEquals(s3.count("LIST"), 4);
});

Deno.test("what answers with a page is no store", async () => {
  await using server = new ScriptedServer((_, answer) =>
    answer.send(200, "<html></html>")
  );
  await using store = await open(server);
  await assertRejects(() => store.put(HASH, CHUNK), StoreError, "no listing");
});

Deno.test("redirects are not followed with a signature", async () => {
  await using other = new ScriptedServer(new SmallS3().script);
  await using server = new ScriptedServer(({ target }, answer) =>
    answer.send(307, "", { location: `${other.url}${target.slice(1)}` })
  );
  await using store = await open(server);
  await assertRejects(() => store.get(HASH));
  assertEquals(other.requests.length, 0);
});
