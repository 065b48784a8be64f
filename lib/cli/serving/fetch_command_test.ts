import { assertEquals } from "@std/assert";
import { fetchCommand } from "./fetch_command.ts";

const of = (name: string, kind: "dir" | "blob" = "dir") =>
  fetchCommand({ content: { kind, name }, ticket: "nt1abc" });

Deno.test("fetchCommand names the verb, the target and the ticket", () => {
  assertEquals(
    of("photos"),
    "net-transfer recv-dir --out photos --ticket nt1abc",
  );
  assertEquals(
    fetchCommand({
      content: { kind: "blob", name: "film.mkv" },
      ticket: "nt1abc",
      pskFile: "node.psk",
    }),
    "net-transfer recv-blob --out film.mkv --psk-file node.psk --ticket nt1abc",
  );
});

Deno.test("fetchCommand is one harmless line whatever the name", () => {
  const out = (name: string) =>
    of(name).replace(
      /^net-transfer recv-dir --out (.*) --ticket nt1abc$/s,
      "$1",
    );
  assertEquals(out("a b"), "'a b'");
  assertEquals(out("it's"), `'it'\\''s'`);
  assertEquals(out("$(id)\n`id`"), "'$(id)_`id`'");
  assertEquals(out("\x1b[31m\u202e"), "'_[31m_'");
  assertEquals(out("-rf"), "_rf");
  assertEquals(out(""), "fetched");
  assertEquals(out(".."), "fetched");
  assertEquals(out("日本語"), "'日本語'");
});
