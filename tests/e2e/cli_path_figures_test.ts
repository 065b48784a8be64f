/** What a fetch with `-v` tells of its path. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { ephemeralIdentity, Node } from "../../lib/mesh/mod.ts";
import { SourceStore } from "../../lib/store/mod.ts";
import { encodeBlobRef } from "../../lib/content/mod.ts";
import { toHex } from "../../lib/text/hex.ts";
import { serveNode } from "../../lib/transfer/mod.ts";
import { noise } from "../../scripts/make_tree.ts";
import { words } from "../../scripts/program.ts";
import { cli, SOME_KEY, startHolder, test } from "../support/cli.ts";

test("a fetch tells of its path only when it is asked to", async (dir) => {
  const content = noise(3 * 2 ** 20, 1);
  const tree = await dir.tree("tree", { file: content });
  const holderFiles = [await dir.write("blob", content), tree];
  await using holder = await startHolder(dir.path, holderFiles);
  const [blob, root] = holder.refs;
  const fetches = [
    words`recv-blob --blob-ref ${blob.ref}`,
    words`recv-dir --remote-ref ${root.ref}`,
  ];
  for (const fetch of fetches) {
    const line = words`${fetch} ${holder.attach()} --output ndjson`;
    const quiet = await cli`${line} --out ${dir.at(`${fetch[0]}-quiet`)}`;
    assertEquals([quiet.code, quiet.stderr], [0, ""]);
    assertEquals(JSON.parse(quiet.stdout).path, undefined);

    const told = await cli`${line} -v --out ${dir.at(fetch[0])}`;
    assertEquals(told.code, 0, told.stderr);
    const { path } = JSON.parse(told.stdout);
    assertEquals([path.direct, path.congestion], [true, "bbr"]);
    assert(path.rtt_min_ms > 0 && path.rtt_ms >= path.rtt_min_ms);
    assert(path.loss_percent >= 0 && path.datagram_bytes >= 1200);
    assert(path.limit.rate_mib_s > 0);
    const lines = told.stderr.trimEnd().split("\n").slice(-2);
    assertStringIncludes(lines[0], "INFO path direct=true rtt_min_ms=");
    assertStringIncludes(lines[1], `INFO limited by: ${path.limit.stage}`);
  }
});

test("a relay is named, and of a small fetch nothing is concluded", async (dir) => {
  await using relay = await startHolder(dir.path, ["--relay"]);
  await using holder = await startHolder(
    await dir.mkdir("holder"),
    words`${await dir.write("file", "hello\n")} --psk-file ${relay.pskFile}
    --via ${relay.address}#${relay.ready.node_pubkey}`,
  );
  const { stdout } = await cli`recv-blob --blob-ref ${holder.refs[0].ref} -v
    --out ${
    dir.at("out")
  } ${relay.attach()} --from ${holder.ready.node_pubkey} --direct never`;
  assertStringIncludes(stdout, `"relay": ${relay.id}`);
  const { path, route } = JSON.parse(stdout);
  assertEquals([route, path.direct, path.limit], [
    "relayed",
    false,
    undefined,
  ]);
});

test("a holder that tells nothing of the path is no failure", async (dir) => {
  await using store = await SourceStore.of([await dir.write("file", "hello")]);
  const psk = new Uint8Array(32).fill(0xab);
  assertEquals(toHex(psk), SOME_KEY);
  await using node = await Node.listen({
    address: "127.0.0.1:0",
    psk,
    identity: ephemeralIdentity(),
  });
  const stop = new AbortController();
  const served = serveNode(node, store, { signal: stop.signal });
  const ref = toHex(encodeBlobRef(store.refs[0].ref));
  const { code, stdout, stderr } = await cli`recv-blob --blob-ref ${ref} -v
    --out ${dir.at("out")} --node-addr 127.0.0.1:${node.address.port}
    --node-pubkey ${toHex(node.publicKey)} --psk-hex ${SOME_KEY}`;
  stop.abort();
  await served;
  assertEquals(code, 0, stderr);
  const { path } = JSON.parse(stdout);
  assertEquals([path.direct, path.loss_percent], [true, undefined]);
  assertStringIncludes(stderr, "older");
});
