/** A mirror of a server that does what a test says. */

import { blake3 } from "../../content/mod.ts";
import { toHex } from "../../text/hex.ts";
import { HttpMirror } from "../http_mirror.ts";
import type { HttpRequestsOptions } from "../http_requests.ts";
import { parseObjectsUrl } from "../objects_url.ts";
import { type Script, ScriptedServer } from "./scripted_server.ts";

/** Long enough for several reads, and for progress to be seen. */
export const CHUNK: Uint8Array<ArrayBuffer> = Uint8Array.from(
  { length: 300_000 },
  (_, i) => i * i >> 3,
);
export const HASH: Uint8Array = blake3(CHUNK);
/** Where a mirror has it. */
export const PATH: string = `/blob/${toHex(HASH)}`;

/** A mirror that never waits before it tries again. */
export function mirrorAt(
  url: string,
  options: HttpRequestsOptions = {},
): HttpMirror {
  const location = parseObjectsUrl(url);
  if (location.kind !== "http") throw new Error("no mirror");
  return new HttpMirror(location, {
    pause: () => Promise.resolve(),
    ...options,
  });
}

/** Tests with a server of a script and a mirror of it, by each way to read. */
export function mirrorTest(
  name: string,
  script: Script,
  body: (mirror: HttpMirror, server: ScriptedServer) => Promise<void>,
  options?: HttpRequestsOptions,
): void {
  for (const direct of [true, false]) {
    const way = direct ? "by our own connection" : "by the runtime's fetch";
    Deno.test(`${name} (${way})`, async () => {
      await using server = new ScriptedServer(script);
      await using mirror = mirrorAt(server.url, { direct, ...options });
      await body(mirror, server);
    });
  }
}

/** One behind the other. */
export function join(one: Uint8Array, other: Uint8Array): Uint8Array {
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}

/** Waits until somebody is gone. */
export function gone(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener("abort", () => resolve());
  });
}
