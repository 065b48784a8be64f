import { assertEquals } from "@std/assert";
import { redactTickets } from "./redact.ts";

Deno.test("redactTickets takes the keys out of tickets and leaves the rest alone", () => {
  const ticket = `nt1${"ae27".repeat(40)}`;
  assertEquals(
    redactTickets(`no '--tiket=${ticket}', no "${ticket.toUpperCase()}"`),
    `no '--tiket=nt1…', no "NT1…"`,
  );
  assertEquals(redactTickets("nt1 and entity nt1abc"), "nt1 and entity nt1abc");
});
