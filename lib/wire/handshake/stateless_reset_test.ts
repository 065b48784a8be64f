import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { ResetTokens } from "./stateless_reset.ts";
import { forgeries } from "../testing/bytes.ts";
import { testProvider } from "../testing/crypto.ts";

const secret = new Uint8Array(32).fill(1);
const provider = testProvider();
const PORT = 7700;
const PEER = { hostname: "192.0.2.1", port: 4000 };

Deno.test("a node knows its ids and tokens again after a restart", () => {
  const before = new ResetTokens(secret, PORT);
  const id = before.newConnectionId(provider);
  const after = new ResetTokens(secret.slice(), PORT);
  assertEquals(id.length, 8);
  assert(after.isIssued(id));
  assertEquals(after.tokenOf(id, PEER), before.tokenOf(id, PEER));
  assertEquals(after.tokenOf(id, PEER).length, 16);
});

Deno.test("ids that were made up, or issued by another node, are not known", () => {
  const tokens = new ResetTokens(secret, PORT);
  const id = tokens.newConnectionId(provider);
  for (const [other, i] of forgeries(id)) {
    assert(!tokens.isIssued(other), `byte ${i}`);
    assertNotEquals(tokens.tokenOf(other, PEER), tokens.tokenOf(id, PEER));
  }
  const stranger = new ResetTokens(new Uint8Array(32).fill(2), PORT);
  assert(!stranger.isIssued(id));
  assertNotEquals(stranger.tokenOf(id, PEER), tokens.tokenOf(id, PEER));
});

Deno.test("a node on another port knows nothing of an id, with the same identity", () => {
  const tokens = new ResetTokens(secret, PORT);
  const id = tokens.newConnectionId(provider);
  const other = new ResetTokens(secret, PORT + 1);
  assert(!other.isIssued(id));
  assertNotEquals(other.tokenOf(id, PEER), tokens.tokenOf(id, PEER));
});

Deno.test("a token is for one address of the peer", () => {
  const tokens = new ResetTokens(secret, PORT);
  const id = tokens.newConnectionId(provider);
  for (
    const other of [{ ...PEER, port: 4001 }, { ...PEER, hostname: "192.0.2.2" }]
  ) {
    assertNotEquals(tokens.tokenOf(id, other), tokens.tokenOf(id, PEER));
  }
});

Deno.test("ids differ from one another", () => {
  const tokens = new ResetTokens(secret, PORT);
  const ids = Array.from(
    { length: 100 },
    () => tokens.newConnectionId(provider).join(),
  );
  assertEquals(new Set(ids).size, 100);
});
