/** One HTTP request and its answer, by way of the runtime's fetch. */

import {
  HandshakeError,
  PeerClosedError,
  PermissionError,
  ProtocolError,
  TimeoutError,
  TransferError,
} from "../errors.ts";
import { HTTP_PARTS_MAX } from "../limits.ts";
import type { AnswerSink } from "./direct_connection.ts";
import type { DirectConnections } from "./direct_connections.ts";
import type { Gathered } from "./gathered.ts";
import { BadAnswerError, type HttpFields } from "./http_head.ts";
import type { HttpHead, HttpRequest } from "./http_request.ts";
import { shownUrl } from "./shown_url.ts";
import { SilenceWatch } from "./silence_watch.ts";

/** A body of this length or less is read in one go, which costs less. */
const SMALL_BODY = 64 * 1024;
/** What a longer one is read into, part by part. */
const SCRATCH = 256 * 1024;

/** How an {@linkcode exchange} goes on. */
export interface ExchangeOptions {
  /** Our own connections, where these may be used. */
  readonly direct?: DirectConnections;
  /** Those of the runtime. */
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
 * @throws {ProtocolError} When the body is longer than there is room for, or
 * the answer is none.
 */
export async function exchange(
  request: HttpRequest,
  options: ExchangeOptions,
): Promise<HttpHead> {
  const { direct, timeoutMs, signal, receive, onBytes } = options;
  using watch = new SilenceWatch(timeoutMs, signal);
  const { url } = request;
  const sink: AnswerSink = {
    async receive(head) {
      watch.noteProgress();
      const target = await receive(head);
      // Somebody may have waited for room.
      watch.noteProgress();
      return target;
    },
    onBytes(count) {
      watch.noteBytes(count);
      onBytes?.(count);
    },
    onSent: () => watch.noteProgress(),
  };
  try {
    return await direct?.exchange(request, sink, watch.signal) ??
      await fetchOnce(request, sink, watch.signal, options.client);
  } catch (error) {
    if (error instanceof BadAnswerError) {
      throw new ProtocolError(`${shownUrl(url)}: ${error.message}`, {
        hint: "what answers there is no web server, or a broken one",
      });
    }
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

/** The same by way of the runtime. */
async function fetchOnce(
  { url, method, headers, body }: HttpRequest,
  sink: AnswerSink,
  signal: AbortSignal,
  client: Deno.HttpClient | undefined,
): Promise<HttpHead> {
  const response = await fetch(url, {
    method,
    headers,
    redirect: "manual",
    signal,
    ...(body && { body }),
    ...(client && { client }),
  });
  try {
    const head = { status: response.status, headers: response.headers };
    await readBody(response, await sink.receive(head), sink.onBytes);
    return head;
  } catch (error) {
    // Nobody wants the rest; that there may be none any more is no matter.
    await response.body?.cancel().catch(() => {});
    throw error;
  }
}

async function readBody(
  response: Response,
  target: Gathered,
  onBytes: (count: number) => void,
): Promise<void> {
  if (response.body === null) return;
  const announced = announcedLength(response.headers);
  if (announced !== undefined) {
    target.expect(announced);
    const fits = target.length + announced <= target.most;
    if (announced <= SMALL_BODY && fits) {
      // The runtime holds the server to what it has announced.
      return onBytes(target.add(new Uint8Array(await response.arrayBuffer())));
    }
  }
  const reader = response.body.getReader({ mode: "byob" });
  try {
    let scratch = new Uint8Array(SCRATCH);
    for (let parts = 0;; parts++) {
      if (parts === HTTP_PARTS_MAX) {
        throw new BadAnswerError("its answer has endless parts");
      }
      const { value, done } = await reader.read(scratch);
      if (done || value === undefined) return;
      onBytes(target.addCopy(value));
      if (target.isCut) return await reader.cancel();
      scratch = new Uint8Array(value.buffer);
    }
  } finally {
    reader.releaseLock();
  }
}

/** How many bytes are to come, where that is said. */
export function announcedLength(headers: HttpFields): number | undefined {
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
  const said = reasonOf(error)
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

/** The runtime says why in the cause, or, in older versions, in the message. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
