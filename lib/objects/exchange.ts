/** One HTTP request and its answer, by way of the runtime's fetch. */

import {
  HandshakeError,
  PeerClosedError,
  PermissionError,
  ProtocolError,
  TimeoutError,
  TransferError,
} from "../errors.ts";
import type { Gathered } from "./gathered.ts";
import { shownUrl } from "./shown_url.ts";
import { SilenceWatch } from "./silence_watch.ts";

/** A body of this length or less is read in one go, which costs less. */
const SMALL_BODY = 64 * 1024;

/** What is asked. */
export interface HttpRequest {
  readonly method: "GET" | "HEAD" | "PUT";
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer>;
}

/** What is answered, but for the body. */
export interface HttpHead {
  readonly status: number;
  readonly headers: Headers;
}

/** How an {@linkcode exchange} goes on. */
export interface ExchangeOptions {
  /** The connections. */
  readonly client?: Deno.HttpClient;
  /** Longest time without progress, in milliseconds. */
  readonly timeoutMs: number;
  /** Ends it. */
  readonly signal?: AbortSignal;
  /**
   * Told what is answered before its body is read; says where that goes. Its
   * failure ends the exchange.
   */
  readonly receive: (head: HttpHead) => Gathered | Promise<Gathered>;
  /** Told of bytes of the body. */
  readonly onBytes?: (count: number) => void;
}

/**
 * Asks once. Redirects are answers like others.
 *
 * @throws {TimeoutError} When nothing came for too long.
 * @throws {PeerClosedError} When the server cannot be reached, or the answer
 * was cut.
 * @throws {HandshakeError} When the server is not who it should be.
 * @throws {PermissionError} When the sandbox does not let us ask.
 * @throws {ProtocolError} When the body is longer than there is room for.
 */
export async function exchange(
  request: HttpRequest,
  { client, timeoutMs, signal, receive, onBytes }: ExchangeOptions,
): Promise<HttpHead> {
  using watch = new SilenceWatch(timeoutMs, signal);
  const { url, method, headers, body } = request;
  try {
    const response = await fetch(url, {
      method,
      headers: { "accept-encoding": "identity", ...headers },
      redirect: "manual",
      signal: watch.signal,
      ...(body && { body }),
      ...(client && { client }),
    });
    watch.noteProgress();
    const { status } = response;
    const head = { status, headers: response.headers };
    try {
      const target = await receive(head);
      watch.noteProgress();
      await readBody(response, url, target, (count) => {
        watch.noteBytes(count);
        onBytes?.(count);
      });
    } catch (error) {
      // Nobody wants the rest; that there may be none any more is no matter.
      await response.body?.cancel().catch(() => {});
      throw error;
    }
    return head;
  } catch (error) {
    if (error instanceof TransferError) throw error;
    if (watch.isSilent) {
      throw new TimeoutError(
        `${shownUrl(url)} brought nothing for ${
          Math.round(timeoutMs / 1000)
        } s`,
        { hint: "a longer --timeout waits longer" },
      );
    }
    signal?.throwIfAborted();
    throw failureOf(error, url);
  }
}

async function readBody(
  response: Response,
  url: URL,
  target: Gathered,
  onBytes: (count: number) => void,
): Promise<void> {
  const { body } = response;
  if (body === null) return;
  const announced = announcedLength(response.headers);
  const tooLong = () =>
    new ProtocolError(
      `${shownUrl(url)} sends more than ${target.most} bytes`,
    );
  if (announced !== undefined) {
    const isLonger = target.length + announced > target.most;
    if (isLonger && !target.mayBeCut) throw tooLong();
    if (announced <= SMALL_BODY && !isLonger) {
      // The runtime holds the server to what it has announced.
      const bytes = await response.bytes();
      target.add(bytes);
      return onBytes(bytes.length);
    }
    target.reserve(target.length + announced);
  }
  const reader = body.getReader();
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const isLonger = target.length + value.length > target.most;
      if (isLonger && !target.mayBeCut) throw tooLong();
      const bytes = isLonger
        ? value.subarray(0, target.most - target.length)
        : value;
      target.add(bytes);
      onBytes(bytes.length);
      if (isLonger) return await reader.cancel();
    }
  } finally {
    reader.releaseLock();
  }
}

/** How many bytes are to come, where that is said. */
export function announcedLength(headers: Headers): number | undefined {
  // Of what the runtime unpacks it says nothing.
  if (headers.has("content-encoding")) return undefined;
  const text = headers.get("content-length");
  return text !== null && /^[0-9]{1,15}$/.test(text) ? Number(text) : undefined;
}

/** What the runtime failed with, without the URL, which may hold secrets. */
function failureOf(error: unknown, url: URL): TransferError {
  const shown = shownUrl(url);
  if (error instanceof Deno.errors.NotCapable) {
    const host = url.port === "" ? url.hostname : url.host;
    return new PermissionError(`cannot reach ${shown}: ${error.message}`, {
      cause: error,
      hint: `grant it with --allow-net=${host}`,
    });
  }
  const said = (error instanceof Error ? error.message : String(error))
    .replace(
      /^error sending request(?: from \S+)? for (?:url )?\S+\s*:?\s*/,
      "",
    )
    .replace(/\bhttps?:\/\/\S+/g, shown);
  if (/certificate|tls handshake/i.test(said)) {
    return new HandshakeError(`cannot trust ${shown}: ${said}`, {
      hint:
        "for a certificate of your own set DENO_CERT to its file, or DENO_TLS_CA_STORE=system",
    });
  }
  return new PeerClosedError(`cannot read ${shown}: ${said}`);
}
