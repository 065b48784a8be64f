import { assert, assertEquals, assertRejects } from "@std/assert";
import { encodeBlobRef, makeSmall, SEND_URI } from "../../content/mod.ts";
import {
  ConfigError,
  type ErrorKind,
  IoError,
  PermissionError,
  RefError,
  TransferError,
} from "../../errors.ts";
import { REF_TEXT_MAX } from "../../limits.ts";
import { encodeTicket, nodeIdOf, type Ticket } from "../../mesh/mod.ts";
import { makeTempDir } from "../../store/testing/temp_tree.ts";
import { fromHex, toHex } from "../../text/hex.ts";
import { RecordedMemory } from "../../wire/testing/recorded_memory.ts";
import {
  readNodeSource,
  readPsk,
  readReference,
  readTicket,
} from "./read_given.ts";

const OPEN: Ticket = {
  publicKey: new Uint8Array(32).fill(1),
  addresses: ["192.0.2.1:7700", "node.example:1"],
};
const SECRET: Ticket = { ...OPEN, psk: new Uint8Array(32).fill(2) };
const KEY = new Uint8Array(32).fill(0x1f);
const HEX = "1f".repeat(32);
const REF = makeSmall(SEND_URI, KEY, 7n);

type Read<T> = (source: { file: string }, insecure: boolean) => Promise<T>;

/** Reads a file of this content and mode. */
async function from<T>(
  read: Read<T>,
  content: string | Uint8Array,
  mode = 0o600,
  insecure = false,
): Promise<T> {
  using dir = makeTempDir();
  const file = `${dir.path}/given`;
  const text = typeof content === "string";
  const bytes = text ? new TextEncoder().encode(content) : content;
  await Deno.writeFile(file, bytes);
  await Deno.chmod(file, mode);
  return await read({ file }, insecure);
}

Deno.test("a file holds a ticket, white space around it or not", async () => {
  const text = ` ${encodeTicket(OPEN)}\n`;
  assertEquals(await from(readTicket, text, 0o644), OPEN);
  assertEquals(await from(readReference, text, 0o644), OPEN);
});

Deno.test("a file holds a reference as hex", async () => {
  const text = `${toHex(encodeBlobRef(REF))}\n`;
  assertEquals(await from(readReference, text, 0o644), REF);
  assertEquals(await readReference(REF, false), REF);
});

Deno.test("a file holds a pre-shared key as raw bytes or hex", async () => {
  for (const content of [KEY, HEX, `0x${HEX.toUpperCase()}\n`]) {
    assertEquals((await from(readPsk, content)).bytes, KEY);
  }
  assertEquals(await readPsk({ bytes: KEY }, false), { bytes: KEY });
});

Deno.test({
  name:
    "a file whose ticket holds a secret must be private, as a reference, too",
  ignore: Deno.build.os === "windows",
  async fn() {
    const text = encodeTicket(SECRET);
    assertEquals(await from(readReference, text, 0o600), SECRET);
    assertEquals(await from(readReference, text, 0o640, true), SECRET);
    const error = await assertRejects(
      () => from(readReference, text, 0o640),
      PermissionError,
      "can be used by others",
    );
    assert(!error.message.includes(text));
  },
});

const LONG = "b".repeat(REF_TEXT_MAX + 1);
/** A reader, what it reads, and how it refuses text that is none. */
const WRONG: [Read<unknown>, string, ErrorKind, string][] = [
  [readTicket, "ticket", "usage", "/given': the ticket cannot be used"],
  [readPsk, "pre-shared key", "config", "holds no key"],
];
for (const [read, what, kind, message] of WRONG) {
  Deno.test(`a file without a ${what} is refused, and its text not repeated`, async () => {
    const refused = await assertRejects(
      () => from(read, "geheim words"),
      TransferError,
      message,
    );
    assertEquals(refused.kind, kind);
    assert(!refused.message.includes("geheim"));
    await assertRejects(() => from(read, LONG), ConfigError, "longer than");
    await assertRejects(() => read({ file: "/no/such" }, false), IoError);
  });
}

Deno.test("a file without a reference is refused", async () => {
  await assertRejects(() => from(readReference, "words"), RefError);
  await assertRejects(
    () => from(readReference, LONG),
    ConfigError,
    "longer than",
  );
});

Deno.test("a node behind a relay is known as it is named, or by its ticket", async () => {
  const { publicKey, psk } = SECRET;
  const named = { nodeId: 42n };
  assertEquals(await readNodeSource(named, false), named);
  const nodeId = nodeIdOf(publicKey);
  assertEquals(
    await readNodeSource(SECRET, false),
    { nodeId, publicKey, psk },
  );
});

Deno.test("readPsk leaves the key in one array, and its digits in none", async () => {
  const key = crypto.getRandomValues(new Uint8Array(32));
  const hex = toHex(key);
  for (const content of [hex, key]) {
    const memory = new RecordedMemory();
    const { bytes } = await memory.recordAsync(() => from(readPsk, content));
    const left = memory.left();
    const texts = left.map((bytes) => new TextDecoder().decode(fromHex(bytes)));
    assert(!texts.some((text) => text.includes(hex)));
    assertEquals(left.filter((bytes) => bytes.includes(hex)).length, 1);
    bytes.fill(0);
    assertEquals(memory.left().filter((bytes) => bytes.includes(hex)), []);
  }
});
