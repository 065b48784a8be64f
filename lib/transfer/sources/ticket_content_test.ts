import { assertEquals, assertRejects } from "@std/assert";
import {
  blake3,
  type BlobRef,
  encodeBlobRef,
  makeSmall,
  SEND_URI,
} from "../../content/mod.ts";
import { chunkPayload } from "../../content/testing/chunk_payload.ts";
import { HashMismatchError, NotFoundError, RefError } from "../../errors.ts";
import { CHUNK_MAX } from "../../limits.ts";
import type { TicketContent } from "../../mesh/ticket.ts";
import { MemoryStore } from "../../store/mod.ts";
import { toHex } from "../../text/hex.ts";
import { connect, connectTo, pattern, respond } from "../testing/fixture.ts";
import { resolveTicketRef, ticketContentOf } from "./ticket_content.ts";
import { ChunkLengthError } from "../protocol/transfer_error.ts";

const name = "x";

Deno.test("what publishing makes of one chunk is in the ticket, anything else is a chunk", async () => {
  const hash = blake3(pattern(10));
  const blob = makeSmall(SEND_URI, hash, 10);
  const dir = makeSmall(`mesh://${toHex(hash)}`, hash, 10);
  const large = chunkPayload(pattern(5_000_000), SEND_URI).ref;
  const cases: [BlobRef, "blob" | "dir", "inline" | "indirect"][] = [
    [blob, "blob", "inline"],
    [dir, "dir", "inline"],
    [blob, "dir", "indirect"],
    [dir, "blob", "indirect"],
    [large, "blob", "indirect"],
    [makeSmall("mesh://elsewhere", hash, 10), "blob", "indirect"],
  ];
  for (const [ref, kind, form] of cases) {
    await using refs = new MemoryStore();
    const content = await ticketContentOf({ kind, name, ref }, refs);
    assertEquals([content.form, content.kind], [form, kind]);
    assertEquals(refs.size, form === "inline" ? 0 : 1);
    await using connection = connect(refs);
    const found = await resolveTicketRef(content, connection.session);
    assertEquals(found, ref);
  }
});

Deno.test("a reference too long for anybody to fetch makes no ticket", async () => {
  await using refs = new MemoryStore();
  const ref = makeSmall("u".repeat(600_000), blake3(pattern(1)), 1);
  const making = ticketContentOf({ kind: "blob", name, ref }, refs);
  await assertRejects(() => making, RefError, "longer than the limit");
  assertEquals(refs.size, 0);
});

Deno.test("a reference that the holder lacks, or has wrong, is an error", async () => {
  await using store = new MemoryStore();
  const noRef = pattern(40);
  await store.put(blake3(noRef), noRef);
  const hash = blake3(noRef);
  const indirect = { kind: "blob", form: "indirect" } as const;
  const content: TicketContent = { ...indirect, name, hash, size: 40 };
  await using connection = connect(store);
  const { session } = connection;
  const cases: [
    Partial<TicketContent>,
    new (...args: never[]) => Error,
    string,
  ][] = [
    [{}, RefError, "not a reference"],
    [{ size: 41 }, ChunkLengthError, ""],
    [{ size: CHUNK_MAX }, RefError, "the limit is"],
    [{ hash: blake3(pattern(1)) }, NotFoundError, ""],
  ];
  for (const [change, type, message] of cases) {
    const resolving = resolveTicketRef({ ...content, ...change }, session);
    await assertRejects(() => resolving, type, message);
  }

  const lie = encodeBlobRef(makeSmall(SEND_URI, blake3(noRef), 1));
  await using liar = connectTo((_, stream) => respond(stream, lie));
  const lied = { ...content, size: lie.length };
  const resolving = resolveTicketRef(lied, liar.session);
  await assertRejects(() => resolving, HashMismatchError);
});
