import { assertEquals } from "@std/assert";
import { decodeTicket } from "../../mesh/mod.ts";
import { publishedName, serveTickets } from "./serve_tickets.ts";

const publicKey = new Uint8Array(32).fill(1);

Deno.test("tickets leave this machine's own addresses out when there are others", () => {
  const addresses = (listen: string[]) =>
    decodeTicket(serveTickets({ publicKey, addresses: listen }, []).node)
      .addresses;
  assertEquals(addresses(["192.0.2.1:1", "127.0.0.1:1", "[::1]:1"]), [
    "192.0.2.1:1",
  ]);
  assertEquals(addresses(["127.0.0.1:1", "[::1]:1"]), [
    "127.0.0.1:1",
    "[::1]:1",
  ]);
  const many = Array.from({ length: 40 }, (_, i) => `192.0.2.${i}:1`);
  assertEquals(addresses(many), many.slice(0, 16));
});

Deno.test("a ticket carries the pre-shared key only when it is told to", () => {
  const addresses = ["192.0.2.1:1"];
  const psk = new Uint8Array(32).fill(2);
  const open = serveTickets({ publicKey, addresses }, []);
  assertEquals(decodeTicket(open.node).psk, undefined);
  const secret = serveTickets({ publicKey, addresses, psk }, []);
  assertEquals(decodeTicket(secret.node).psk, psk);
});

Deno.test("the published name is the last component of the path", () => {
  assertEquals(publishedName("a/photos/"), "photos");
  assertEquals(publishedName("/x/y/.."), "x");
  assertEquals(publishedName("/"), "");
  assertEquals(publishedName(`/${"ü".repeat(200)}`), "ü".repeat(127));
});
