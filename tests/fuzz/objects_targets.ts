/** What mirrors and object stores answer, as targets of the fuzzer. */

import {
  bodyEnd,
  formatRequestHead,
  parseChunkLine,
  parseHttpHead,
} from "../../lib/objects/http_head.ts";
import { redirectTarget } from "../../lib/objects/redirect.ts";
import { parseLent } from "../../lib/objects/renewed_credentials.ts";
import { retryDelay } from "../../lib/objects/retry_delay.ts";
import { elementText, parseListing } from "../../lib/objects/s3_xml.ts";
import { bytesOf, decoder, text } from "./decoder_target.ts";
import type { Target } from "./engine.ts";

const HEX = "ab".repeat(32);
const FROM = new URL("https://mirror.example/blob/x");

export const OBJECTS_TARGETS: readonly Target[] = [
  decoder(
    "http_head",
    (bytes) => {
      const head = parseHttpHead(text(bytes));
      return [head.status, head.isKept, bodyEnd("GET", head)];
    },
    () =>
      bytesOf(
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nServer: x",
        "HTTP/1.0 404 \r\nTransfer-Encoding: chunked\r\nConnection: close",
      ),
  ),
  decoder(
    "http_chunk_line",
    (bytes) => parseChunkLine(text(bytes)),
    () => bytesOf("1f4;name=value", "0"),
  ),
  decoder(
    "http_redirect",
    (bytes) => {
      const target = redirectTarget(FROM, text(bytes));
      if (target.protocol !== "https:") {
        throw new Error("broken: not encrypted");
      }
      // What is asked for is one line.
      const head = formatRequestHead("GET", target, {}, undefined);
      if (head.split("\r\n").length !== 4) {
        throw new Error("broken: more lines");
      }
      return target.pathname.length;
    },
    () => bytesOf("../a", "//b.example/?c#d", "http://e.example/"),
  ),
  decoder(
    "retry_after",
    (bytes) => retryDelay(1, text(bytes), 0, 0),
    () => bytesOf("120", "Fri, 02 Jan 2026 03:04:15 GMT"),
  ),
  decoder(
    "s3_credentials",
    (bytes) => {
      const lent = parseLent(text(bytes), "Token");
      return lent && [Object.keys(lent.credentials), lent.until === Infinity];
    },
    () =>
      bytesOf(
        '{"AccessKeyId":"a","SecretAccessKey":"b","Token":"c"}',
        '{"AccessKeyId":"a","SecretAccessKey":"b","Expiration":"2030-01-01"}',
      ),
  ),
  decoder(
    "s3_listing",
    (bytes) => {
      const { chunks, next } = parseListing(text(bytes));
      return [chunks, next, elementText(text(bytes), "Code")];
    },
    () =>
      bytesOf(
        `<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>a&amp;b</NextContinuationToken><Contents><Key>p/blob/${HEX}</Key><Size>7</Size></Contents></ListBucketResult>`,
        "<Error><Code>NoSuch&#65;</Code></Error>",
      ),
    { max: 2000 },
  ),
];
