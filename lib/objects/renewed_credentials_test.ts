import { assertEquals, assertRejects } from "@std/assert";
import { AWS_ASK_MS, AWS_RENEW_MS } from "../limits.ts";
import { parseLent, RenewedCredentials } from "./renewed_credentials.ts";

/** Credentials that hold for so long, a clock, and what is asked. */
function lending(holds: () => number) {
  const at = { now: 1000, asked: 0, fails: false };
  const credentials = new RenewedCredentials(() => {
    at.asked++;
    if (at.fails) return Promise.reject(new Error("not now"));
    const accessKeyId = `key ${at.asked}`;
    const until = at.now + holds();
    return Promise.resolve({
      credentials: { accessKeyId, secretAccessKey: "x" },
      until,
    });
  }, () => at.now);
  const key = async () => (await credentials.get()).accessKeyId;
  return { at, key };
}

Deno.test("credentials are asked for once, by however many, and again before they are over", async () => {
  const { at, key } = lending(() => 10 * AWS_RENEW_MS);
  assertEquals(await Promise.all([key(), key(), key()]), [
    "key 1",
    "key 1",
    "key 1",
  ]);
  at.now += 9 * AWS_RENEW_MS - 1;
  assertEquals(await key(), "key 1");
  at.now += 1;
  assertEquals([await key(), await key(), at.asked], ["key 2", "key 2", 2]);
});

Deno.test("credentials without an end are asked for once", async () => {
  const { at, key } = lending(() => Infinity);
  await key();
  at.now += 1e12;
  assertEquals(await key(), "key 1");
});

Deno.test("credentials that hold for a moment are not asked for at each request", async () => {
  const { at, key } = lending(() => AWS_RENEW_MS / 2);
  for (let times = 0; times < 100; times++) await key();
  assertEquals(at.asked, 1);
  at.now += AWS_ASK_MS;
  assertEquals(await key(), "key 2");
});

Deno.test("when they cannot be renewed the ones before serve until they are over", async () => {
  const { at, key } = lending(() => 2 * AWS_RENEW_MS);
  await key();
  at.fails = true;
  at.now += 2 * AWS_RENEW_MS - 1;
  assertEquals([await key(), await key(), at.asked], ["key 1", "key 1", 2]);
  at.now += 1;
  await assertRejects(key, Error, "not now");
  at.fails = false;
  assertEquals(await key(), "key 4");
});

Deno.test("what is no credentials is not taken for some", () => {
  const keys = { AccessKeyId: "a", SecretAccessKey: "b" };
  for (
    const said of ["", "null", "7", "[]", '{"Version":1}', JSON.stringify(keys)]
  ) assertEquals(parseLent(said, "SessionToken"), undefined, said);
  const { credentials, until } = parseLent(
    JSON.stringify({ ...keys, Token: "t", Expiration: "2030-01-01T00:00:00Z" }),
    "Token",
  ) ?? {};
  assertEquals(credentials, {
    accessKeyId: "a",
    secretAccessKey: "b",
    sessionToken: "t",
  });
  assertEquals(until, Date.UTC(2030, 0, 1));
});
