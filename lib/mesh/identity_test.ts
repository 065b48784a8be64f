import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { sha256 } from "@noble/hashes/sha2";
import vectors from "../../tests/vectors/identity.json" with { type: "json" };
import { ConfigError, IoError, PermissionError } from "../errors.ts";
import { readSmallFile } from "../os/small_file.ts";
import { makeTempDir } from "../store/testing/temp_tree.ts";
import { fromHex, toHex } from "../text/hex.ts";
import { RecordedMemory } from "../wire/testing/recorded_memory.ts";
import {
  ephemeralIdentity,
  eraseIdentity,
  generateIdentity,
  Identity,
  loadIdentity,
  parseIdentity,
  renderIdentity,
  writeIdentity,
} from "./identity.ts";
import { formatIdHex } from "./node_id.ts";

const SEED_HEX = "07".repeat(32);

Deno.test("every key and id of a seed agrees with the vectors, its fingerprint is 8 bytes of SHA-256", () => {
  for (const vector of vectors.vectors) {
    const identity = new Identity(fromHex(vector.seed_hex));
    assertEquals(toHex(identity.publicKey), vector.public_key_hex);
    assertEquals(toHex(identity.x25519Secret), vector.x25519_secret);
    assertEquals(toHex(identity.x25519Public), vector.node_pubkey);
    assertEquals(identity.nodeId, BigInt(vector.node_id));
    assertEquals(formatIdHex(identity.operatorId), vector.operator_id_hex);
    const hash = toHex(sha256(identity.publicKey)).toUpperCase();
    const pairs = hash.slice(0, 16).match(/../g);
    assertEquals(identity.fingerprint, pairs?.join(":"));
  }
});

Deno.test("renderIdentity writes the keys of the file in their order", () => {
  const identity = new Identity(fromHex(SEED_HEX), {
    createdAt: "2024-05-06T07:08:09Z",
    note: 'a "quoted" \\ note\nwith \x7f and é',
  });
  const text = renderIdentity(identity);
  assertEquals(
    text,
    [
      'operator_id_hex = "0x3de724ba65112490"',
      `seed_hex = "${SEED_HEX}"`,
      `public_key_hex = "${vectors.vectors[0].public_key_hex}"`,
      'created_at = "2024-05-06T07:08:09Z"',
      'note = "a \\"quoted\\" \\\\ note\\nwith \\u007f and é"',
      "",
    ].join("\n"),
  );
  const parsed = parseIdentity(text, "x");
  assertEquals(parsed.note, identity.note);
  assertEquals(parsed.createdAt, identity.createdAt);
  assertEquals(parsed.seed, identity.seed);
  assert(!renderIdentity(new Identity(identity.seed)).includes("note"));
});

Deno.test("loadIdentity and writeIdentity leave the seed in no array but the identity's, from which eraseIdentity takes it", async () => {
  using temp = makeTempDir();
  const path = `${temp.path}/node.toml`;
  const memory = new RecordedMemory();
  const identity = await memory.recordAsync(async () => {
    const made = generateIdentity();
    await writeIdentity(path, made);
    const loaded = await loadIdentity(path);
    eraseIdentity(made);
    return loaded;
  });
  const { seed, x25519Secret } = identity;
  const secret = toHex(seed);
  const left = memory.left();
  const texts = left.map((hex) => new TextDecoder().decode(fromHex(hex)));
  assert(!texts.some((text) => text.includes(secret)));
  assertEquals(left.filter((hex) => hex.includes(secret)).length, 1);
  eraseIdentity(identity);
  assertEquals(memory.left().filter((hex) => hex.includes(secret)), []);
  assertEquals(x25519Secret, new Uint8Array(32));
});

Deno.test("parseIdentity needs seed_hex alone", () => {
  assertEquals(
    parseIdentity(`seed_hex = "${SEED_HEX}"`, "x").nodeId,
    BigInt(vectors.vectors[0].node_id),
  );
  const upper = `seed_hex = "${"AB".repeat(32)}"\nextra = 5\nnote = 7\n`;
  assertEquals(parseIdentity(upper, "x").note, undefined);
  const dated = `seed_hex = "${SEED_HEX}"\ncreated_at = 2024-05-06T07:08:09Z`;
  assertEquals(parseIdentity(dated, "x").createdAt, "2024-05-06T07:08:09Z");
});

Deno.test("parseIdentity refuses any other seed and never quotes it", () => {
  for (
    const [text, message] of [
      [`seed_hex = ${SEED_HEX}`, "not valid TOML"],
      [`seed_hex = "0x${SEED_HEX}"`, "no usable seed_hex"],
      [`seed_hex = " ${SEED_HEX}"`, "no usable seed_hex"],
      [`seed_hex = "${SEED_HEX}\\n"`, "no usable seed_hex"],
      [`seed_hex = "${SEED_HEX.slice(2)}"`, "no usable seed_hex"],
      [`seed_hex = "${SEED_HEX.slice(2)}zz"`, "no usable seed_hex"],
      ["seed_hex = 7", "no usable seed_hex"],
      [`[identity]\nseed_hex = "${SEED_HEX}"`, "no usable seed_hex"],
      ["", "no usable seed_hex"],
      [`seed_hex = "${SEED_HEX}`, "line 1, column 12: unfinished string"],
      [`seed_hex = "${SEED_HEX}"\nseed_hex = "${SEED_HEX}"`, "set twice"],
    ]
  ) {
    const error: unknown = assertThrows(
      () => parseIdentity(text, "/keys/me.toml"),
      ConfigError,
      message,
    );
    const shown = String(error) + Deno.inspect(error);
    assert(!shown.includes("07".repeat(20)), text);
    assert(shown.includes("/keys/me.toml"));
  }
});

Deno.test("identities are made at random, a generated one with its date", () => {
  const first = ephemeralIdentity();
  const second = ephemeralIdentity();
  assert(toHex(first.seed) !== toHex(second.seed));
  assertEquals(first.createdAt, undefined);
  const generated = generateIdentity({ note: "backup host" });
  assert(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(generated.createdAt ?? ""));
  assertEquals(generated.note, "backup host");
  assertThrows(() => new Identity(new Uint8Array(31)), RangeError);
});

Deno.test("a written identity is private, loads again, and is replaced only by force", async () => {
  using temporary = makeTempDir();
  const directory = temporary.path;
  const path = `${directory}/keys/me.toml`;
  const [first, second] = [generateIdentity(), generateIdentity()];
  await writeIdentity(path, first);
  const { mode } = await Deno.stat(path);
  if (mode !== null) assertEquals(mode & 0o777, 0o600);
  await assertRejects(
    () => writeIdentity(path, second),
    ConfigError,
    "exists already",
  );
  const loaded = await loadIdentity(path);
  assertEquals(loaded.seed, first.seed);
  assertEquals(loaded.createdAt, first.createdAt);
  await writeIdentity(path, second, { force: true });
  assertEquals((await loadIdentity(path)).seed, second.seed);
});

Deno.test("force replaces an identity alone, be it open to others, and no other file", async () => {
  using temporary = makeTempDir();
  const path = `${temporary.path}/me.toml`;
  const identity = generateIdentity();
  const write = () => writeIdentity(path, identity, { force: true });
  await Deno.writeTextFile(path, `seed_hex = "${SEED_HEX}"\n`, { mode: 0o644 });
  await write();
  assertEquals((await loadIdentity(path)).seed, identity.seed);
  for (const text of ["a thesis", "", "seed_hex = 7", "#".repeat(70_000)]) {
    await Deno.writeTextFile(path, text);
    const error = await assertRejects(write, ConfigError, "not replaced");
    assertEquals(error.hint, "choose another path, or remove the file first");
    assertEquals(await Deno.readTextFile(path), text);
  }
});

Deno.test({
  name: Deno.build.os === "windows"
    ? "an identity is refused like any secret that others can use (no permission bits on Windows)"
    : "an identity is refused like any secret that others can use",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    using temporary = makeTempDir();
    const directory = temporary.path;
    const path = `${directory}/me.toml`;
    await writeIdentity(path, generateIdentity());
    for (const mode of [0o640, 0o604, 0o620, 0o601]) {
      await Deno.chmod(path, mode);
      const refused = await assertRejects(
        () => loadIdentity(path),
        PermissionError,
        `identity file "${path}" can be used by others (mode 0${
          mode.toString(8)
        })`,
      );
      const psk = await assertRejects(
        () => readSmallFile(path, { what: "PSK file", max: 9, secret: true }),
        PermissionError,
      );
      assertEquals(refused.hint, psk.hint);
      await loadIdentity(path, { insecurePermissions: true });
    }
  },
});

Deno.test("an identity that cannot be read or written says which file and why", async () => {
  using temporary = makeTempDir();
  const directory = temporary.path;
  const missing = await assertRejects(
    () => loadIdentity(`${directory}/none.toml`),
    IoError,
    `identity file "${directory}/none.toml" does not exist`,
  );
  assertEquals(missing.hint, "make one with: identity generate --out PATH");
  const path = `${directory}/long.toml`;
  await Deno.writeTextFile(path, "#".repeat(65_537), { mode: 0o600 });
  await assertRejects(
    () => loadIdentity(path),
    ConfigError,
    "is longer than 65536 bytes",
  );
  await assertRejects(
    () => writeIdentity(`${path}/me.toml`, generateIdentity()),
    IoError,
    `${path}/me.toml`,
  );
});

Deno.test("a directory is not an identity, and nobody is told to change its mode", async () => {
  using temporary = makeTempDir();
  const directory = temporary.path;
  if (Deno.build.os !== "windows") await Deno.chmod(directory, 0o755);
  const { message, hint } = await assertRejects(
    () => loadIdentity(directory),
    IoError,
    `cannot read the identity file "${directory}"`,
  );
  assert(!`${message}${hint}`.includes("chmod"));
  await assertRejects(
    () => writeIdentity(directory, generateIdentity(), { force: true }),
    IoError,
    "no regular file",
  );
});
