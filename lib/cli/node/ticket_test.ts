import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { join } from "@std/path";
import {
  ConfigError,
  PermissionError,
  TransferError,
  UsageError,
} from "../../errors.ts";
import { encodeTicket, type Ticket } from "../../mesh/mod.ts";
import { REFERENCE } from "./reference.ts";
import { readTicket, TICKET } from "./ticket.ts";

const OPEN: Ticket = {
  publicKey: new Uint8Array(32).fill(1),
  addresses: ["192.0.2.1:7700"],
};
const SECRET: Ticket = { ...OPEN, psk: new Uint8Array(32).fill(2) };

async function readFile(
  content: string,
  mode: number,
  insecure = false,
): Promise<Ticket> {
  const dir = await Deno.makeTempDir();
  try {
    const path = join(dir, "ticket");
    await Deno.writeTextFile(path, content);
    await Deno.chmod(path, mode);
    return await readTicket(TICKET.parse(`@${path}`), insecure);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("a ticket is checked while parsing and never repeated", () => {
  const text = encodeTicket(SECRET);
  assertEquals(TICKET.parse(text), SECRET);
  const error = assertThrows(
    () => TICKET.parse(text.replace("nt1a", "nt1b")),
    UsageError,
    "the ticket cannot be used",
  );
  assert(!error.message.includes("nt1b"));
  assertThrows(() => TICKET.parse("@"), RangeError);
  assertThrows(() => REFERENCE.parse("@"), RangeError);
});

Deno.test("a ticket is read from a file, white space around it or not", async () => {
  assertEquals(await readFile(` ${encodeTicket(OPEN)}\n`, 0o644), OPEN);
});

Deno.test({
  name: "a file with a secret ticket must be private",
  ignore: Deno.build.os === "windows",
  async fn() {
    const text = encodeTicket(SECRET);
    assertEquals(await readFile(text, 0o600), SECRET);
    assertEquals(await readFile(text, 0o640, true), SECRET);
    const error = await assertRejects(
      () => readFile(text, 0o640),
      PermissionError,
      "can be used by others",
    );
    assert(!error.message.includes(text));
  },
});

Deno.test("a file without a ticket is named, its content is not", async () => {
  const error = await assertRejects(
    () => readFile("geheim", 0o600),
    UsageError,
    "/ticket': the ticket cannot be used",
  );
  assert(!error.message.includes("geheim"));
  await assertRejects(
    () => readFile("x".repeat(10_000), 0o600),
    ConfigError,
    "longer than",
  );
  const missing = await assertRejects(
    () => readTicket({ file: "/no/ticket" }, false),
    TransferError,
  );
  assertEquals(missing.kind, "io");
});
