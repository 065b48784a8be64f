import { assertEquals, assertRejects } from "@std/assert";
import { HandshakeError, TimeoutError, UsageError } from "../errors.ts";
import { attach } from "./attach.ts";
import { ephemeralIdentity } from "./identity.ts";
import { attachOptions, echo, listen, PSK } from "./testing/echo_node.ts";

Deno.test("a host name is resolved and its addresses are tried", async () => {
  await using node = await listen(echo, { address: "127.0.0.1:0" });
  await using session = await attach({
    ...attachOptions(node),
    address: `localhost:${node.address.port}`,
  });
  assertEquals(session.remote.nodeId, node.nodeId);
  assertEquals(session.remote.publicKey, node.publicKey);
});

Deno.test("a name that does not resolve is a handshake error that says so", async () => {
  await assertRejects(
    () =>
      attach({
        address: "no-such-host.invalid:7700",
        publicKey: ephemeralIdentity().x25519Public,
        psk: PSK,
      }),
    HandshakeError,
    "cannot resolve no-such-host.invalid",
  );
});

Deno.test("a node id that does not belong to the key is refused before any packet", async () => {
  await using node = await listen(echo);
  await assertRejects(
    () => attach({ ...attachOptions(node), nodeId: node.nodeId + 1n }),
    UsageError,
    "does not belong to the public key",
  );
});

Deno.test("every address that is given is tried", async () => {
  await using node = await listen(echo);
  const silent = Deno.listenDatagram({
    transport: "udp",
    hostname: "127.0.0.1",
    port: 0,
  });
  const { port } = silent.addr as Deno.NetAddr;
  const options = attachOptions(node);
  await using session = await attach({
    ...options,
    address: [`127.0.0.1:${port}`, "no-such-host.invalid:1", options.address],
  });
  assertEquals(session.remote.nodeId, node.nodeId);
  await assertRejects(
    () => attach({ ...options, address: [options.address, "here"] }),
    UsageError,
    "not an address",
  );
  await assertRejects(
    () => attach({ ...options, address: [] }),
    UsageError,
    "no address",
  );
  const other = ephemeralIdentity().x25519Public;
  await assertRejects(
    () =>
      attach({
        address: [`127.0.0.1:${port}`, options.address],
        publicKey: other,
        psk: PSK,
        connectTimeoutMs: 300,
      }),
    TimeoutError,
    `no answer from 127.0.0.1:${port}`,
  );
  silent.close();
});

Deno.test("an abort ends an attach at once", async () => {
  const signal = AbortSignal.timeout(50);
  const error = await assertRejects(() =>
    attach({
      address: "127.0.0.1:9",
      publicKey: ephemeralIdentity().x25519Public,
      psk: PSK,
      signal,
    })
  );
  assertEquals(error, signal.reason);
});
