import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  PermissionError,
  StreamResetError,
  TransferError,
} from "../../errors.ts";
import {
  PROBE_BYTES_MAX,
  PROBES_MAX,
  PROBES_SESSION_MAX,
} from "../../limits.ts";
import { ephemeralIdentity, Node, type Session } from "../../mesh/mod.ts";
import { MemoryStore } from "../../store/mod.ts";
import { callRpc } from "../ask/call_rpc.ts";
import {
  askSeenAddress,
  lookAtPath,
  probeDownload,
  probeUpload,
} from "../ask/probe_path.ts";
import { encodePathProbe, PATH_PROBE } from "../protocol/path_probe.ts";
import { encodeRequest } from "../protocol/request.ts";
import { StreamErrorCode } from "../protocol/stream_error_code.ts";
import { UnknownProcedureError } from "../protocol/transfer_error.ts";
import { connect, connectTo, respond, settle } from "../testing/fixture.ts";
import { sessionPair } from "../testing/session_pair.ts";
import { probeProcedure } from "./probe_procedure.ts";
import type { RepeatedBlock, RpcResult } from "./rpc_handler.ts";
import { serveNode } from "./serve_node.ts";

const FOR = { forMs: 100 };

/** Does something with a node that can be probed, over real sockets. */
async function withNode(
  body: (session: Session) => Promise<void>,
): Promise<void> {
  const psk = crypto.getRandomValues(new Uint8Array(32));
  await using node = await Node.listen({
    address: "127.0.0.1:0",
    psk,
    identity: ephemeralIdentity(),
  });
  const stop = new AbortController();
  const served = serveNode(node, new MemoryStore(), {
    rpc: { [PATH_PROBE]: probeProcedure() },
    signal: stop.signal,
  });
  try {
    await using session = await Node.attach({
      address: `127.0.0.1:${node.address.port}`,
      publicKey: node.publicKey,
      psk,
    });
    await body(session);
  } finally {
    stop.abort();
    await served;
  }
}

Deno.test("bytes come from the holder for as long as they are measured", () =>
  withNode(async (session) => {
    const { bytes, ms, rate } = await probeDownload(session, FOR);
    assert(bytes > 0 && ms > 0 && rate > 0);
    assert(bytes <= PROBES_SESSION_MAX * PROBE_BYTES_MAX);
    // The session goes on, and has room for the next one.
    assert((await probeDownload(session, FOR)).bytes > 0);
    const figures = await lookAtPath(session);
    assert(figures.bytesSent > 0);
    assertEquals(figures.congestion, "bbr");
    const address = await askSeenAddress(session);
    assert(/^127\.0\.0\.1:\d+$/.test(address), address);
  }));

Deno.test("bytes get to the holder, which keeps none of them", () =>
  withNode(async (session) => {
    const { bytes, ms, rate } = await probeUpload(session, FOR);
    assert(bytes > 0 && ms > 0 && rate > 0);
    const { bytesReceived } = await lookAtPath(session);
    assert(bytesReceived > 0);
  }));

Deno.test("a probe ends as its caller does", () =>
  withNode(async (session) => {
    const reason = new Error("stop");
    for (const probe of [probeDownload, probeUpload]) {
      const stop = new AbortController();
      const { signal } = stop;
      const probing = probe(session, { forMs: 60_000, signal });
      stop.abort(reason);
      assertEquals(await assertRejects(() => probing), reason);
    }
  }));

Deno.test("a holder without the procedure says so", async () => {
  await using pair = connect(new MemoryStore());
  const { session } = pair;
  for (
    const probing of [
      () => probeDownload(session, FOR),
      () => probeUpload(session, FOR),
      () => lookAtPath(session),
    ]
  ) await assertRejects(probing, UnknownProcedureError);
});

Deno.test("a holder that announces more than was asked for is not read", async () => {
  await using pair = connectTo(async (_, stream) => {
    await respond(stream, new Uint8Array(9));
  });
  await assertRejects(
    () => probeUpload(pair.session, FOR),
    TransferError,
    "an upload has no result",
  );
});

/** Downloads that a procedure lets begin, in a session each has. */
function begin(sessions: number, of: number): RepeatedBlock[] {
  const probe = probeProcedure();
  const body = encodePathProbe({ kind: "download", bytes: 10 });
  const begun: RpcResult[] = [];
  for (let i = 0; i < sessions; i++) {
    const [session] = sessionPair();
    for (let j = 0; j < of; j++) {
      begun.push(probe(PATH_PROBE, body, session) as RpcResult);
    }
  }
  return begun as RepeatedBlock[];
}

Deno.test("only so many downloads run at once, for one peer and for all", async () => {
  assertEquals(begin(1, PROBES_SESSION_MAX).length, PROBES_SESSION_MAX);
  await assertRejects(
    async () => await begin(1, PROBES_SESSION_MAX + 1),
    PermissionError,
    "as many probes",
  );
  const sessions = PROBES_MAX / PROBES_SESSION_MAX;
  begin(sessions, PROBES_SESSION_MAX);
  await assertRejects(
    async () => await begin(sessions + 1, PROBES_SESSION_MAX),
    PermissionError,
  );
});

Deno.test("a download that is over makes room for the next one", () => {
  const probe = probeProcedure();
  const body = encodePathProbe({ kind: "download", bytes: 10 });
  const [session] = sessionPair();
  for (let i = 0; i < 3 * PROBES_MAX; i++) {
    const download = probe(PATH_PROBE, body, session) as RepeatedBlock;
    assertEquals(download.length, 10);
    download[Symbol.dispose]();
  }
});

Deno.test("a response of a repeated block is whole, and given up after its time", async () => {
  const block = Uint8Array.of(1, 2, 3, 4, 5);
  let disposed = 0;
  const repeated = (length: number, maxMs: number): RepeatedBlock => ({
    ...{ length, block, maxMs },
    [Symbol.dispose]: () => disposed++,
  });
  await using pair = connect(new MemoryStore(), {
    rpc: {
      short: () => repeated(12, 60_000),
      none: () => repeated(0, 60_000),
      long: () => repeated(PROBE_BYTES_MAX, 1),
    },
  });
  const { session } = pair;
  const none = new Uint8Array(0);
  const short = await callRpc(session, "short", none);
  assertEquals([...short], [1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 1, 2]);
  assertEquals(await callRpc(session, "none", none), none);
  const stream = await session.openStream();
  stream.write(encodeRequest({ kind: "rpc", name: "long", body: none }))
    .catch(() => {});
  stream.finish();
  // Nothing is read until it is over.
  while (disposed < 3) await settle();
  const error = await assertRejects(
    async () => {
      const target = new Uint8Array(PROBE_BYTES_MAX + 100);
      await stream.read(target, target.length);
    },
    StreamResetError,
  );
  assertEquals(error.code, StreamErrorCode.timeout);
});
