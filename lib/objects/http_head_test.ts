import { assertEquals, assertThrows } from "@std/assert";
import { ProtocolError } from "../errors.ts";
import {
  bodyEnd,
  formatRequestHead,
  parseChunkLine,
  parseHttpHead,
} from "./http_head.ts";

const head = (...lines: string[]) => parseHttpHead(lines.join("\r\n"));
const OK = "HTTP/1.1 200 OK";

Deno.test("parseHttpHead reads the status and the fields, by names in any case", () => {
  const { status, headers, isKept } = head(
    OK,
    "Content-Length:  5 ",
    "x-a: 1",
    "X-A: 2",
    "empty:",
  );
  assertEquals([status, isKept], [200, true]);
  assertEquals(
    ["content-length", "X-a", "Empty", "none"].map((name) => headers.get(name)),
    ["5", "1, 2", "", null],
  );
});

Deno.test("parseHttpHead tells whether the connection is kept", () => {
  assertEquals(head(OK, "Connection: keep-alive, Close").isKept, false);
  assertEquals(head("HTTP/1.0 200 OK").isKept, false);
});

Deno.test("parseHttpHead refuses what is no head", () => {
  for (
    const lines of [
      [""],
      ["HTTP/2 200"],
      ["HTTP/1.1 99 No"],
      ["HTTP/1.1 2000 No"],
      ["ICY 200 OK"],
      [OK, "no colon"],
      [OK, ": no name"],
      [OK, "a b: c"],
      [OK, " folded: line"],
      [OK, "a: b\0c"],
      [OK, "a: b\nc: d"],
      [OK, ""],
    ]
  ) {
    assertThrows(() => head(...lines), ProtocolError);
  }
});

Deno.test("bodyEnd knows where a body ends", () => {
  const end = (method: string, ...lines: string[]) =>
    bodyEnd(method, head(...lines));
  const nothing = { kind: "length", bytes: 0 } as const;
  assertEquals(end("GET", OK, "content-length: 7"), {
    kind: "length",
    bytes: 7,
  });
  assertEquals(end("HEAD", OK, "content-length: 7"), nothing);
  assertEquals(end("GET", "HTTP/1.1 204 No", "content-length: 7"), nothing);
  assertEquals(end("GET", "HTTP/1.1 304 No", "content-length: 7"), nothing);
  assertEquals(end("GET", OK, "transfer-encoding: Chunked"), {
    kind: "chunked",
  });
  assertEquals(end("GET", OK), { kind: "close" });
});

Deno.test("bodyEnd refuses what could be read in two ways", () => {
  for (
    const lines of [
      ["content-length: 7", "transfer-encoding: chunked"],
      ["content-length: 7", "content-length: 8"],
      ["content-length: 7", "content-length: 7"],
      ["content-length: +7"],
      ["content-length: -7"],
      ["content-length: 0x7"],
      ["content-length: "],
      ["content-length: 9999999999999999"],
      ["transfer-encoding: gzip"],
      ["transfer-encoding: gzip, chunked"],
      ["transfer-encoding: chunked, identity"],
    ]
  ) {
    assertThrows(() => bodyEnd("GET", head(OK, ...lines)), ProtocolError);
  }
});

Deno.test("parseChunkLine reads how much follows", () => {
  assertEquals(
    ["0", "1F", "ff;name=value", "7 "].map(parseChunkLine),
    [0, 31, 255, 7],
  );
  for (const line of ["", "x", "-1", "0x1", " 1", "123456789", "1 2"]) {
    assertThrows(() => parseChunkLine(line), ProtocolError);
  }
});

Deno.test("formatRequestHead writes a head, and never more lines than there are fields", () => {
  const url = new URL("http://[::1]:8080/a%20b?c=d");
  assertEquals(
    formatRequestHead("PUT", url, { range: "bytes=0-1", host: "other" }, 3),
    "PUT /a%20b?c=d HTTP/1.1\r\nhost: [::1]:8080\r\nrange: bytes=0-1\r\ncontent-length: 3\r\n\r\n",
  );
  for (const bad of ["a\r\nb: c", "a\nb", "a\0b"]) {
    assertThrows(() => formatRequestHead("GET", url, { x: bad }, undefined));
  }
  assertThrows(() => formatRequestHead("GET", url, { "x y": "z" }, undefined));
});
