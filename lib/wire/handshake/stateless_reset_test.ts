import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { ResetTokens } from "./stateless_reset.ts";
import { forgeries } from "../testing/bytes.ts";
import { testProvider } from "../testing/crypto.ts";

const secret = new Uint8Array(32).fill(1);
const provider = testProvider();

Deno.test("a node knows its ids and tokens again after a restart", () => {
  const before = new ResetTokens(secret);
  const id = before.newConnectionId(provider);
  const after = new ResetTokens(secret.slice());
  assertEquals(id.length, 8);
  assert(after.isIssued(id));
  assertEquals(after.tokenOf(id), before.tokenOf(id));
  assertEquals(after.tokenOf(id).length, 16);
});

Deno.test("ids that were made up, or issued by another node, are not known", () => {
  const tokens = new ResetTokens(secret);
  const id = tokens.newConnectionId(provider);
  for (const [other, i] of forgeries(id)) {
    assert(!tokens.isIssued(other), `byte ${i}`);
    assertNotEquals(tokens.tokenOf(other), tokens.tokenOf(id));
  }
  const stranger = new ResetTokens(new Uint8Array(32).fill(2));
  assert(!stranger.isIssued(id));
  assertNotEquals(stranger.tokenOf(id), tokens.tokenOf(id));
});

Deno.test("ids differ from one another", () => {
  const tokens = new ResetTokens(secret);
  const ids = Array.from(
    { length: 100 },
    () => tokens.newConnectionId(provider).join(),
  );
  assertEquals(new Set(ids).size, 100);
});
