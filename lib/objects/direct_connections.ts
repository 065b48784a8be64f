import {
  DIRECT_CONNECT_MS,
  DIRECT_RETRY_MS,
  OBJECT_REQUESTS_MAX,
} from "../limits.ts";
import { ProtocolError } from "../errors.ts";
import { type AnswerSink, DirectConnection } from "./direct_connection.ts";
import type { HttpRequest } from "./http_request.ts";
import type { ParsedHead } from "./http_head.ts";

/**
 * Connections of our own to servers, kept for further requests.
 *
 * The runtime's fetch costs a multiple of what reading from a socket does: an
 * object store of many small chunks would be as slow as that. These do the
 * common case alone, HTTP/1.1 without a proxy; where no connection can be made
 * it is the runtime's matter to try otherwise, and to say why it fails.
 */
export class DirectConnections implements Disposable {
  /** Those that nobody uses, the oldest first. */
  #idle: { readonly origin: string; readonly connection: DirectConnection }[] =
    [];
  readonly #open: Set<DirectConnection> = new Set();
  /** Until when servers are not connected to, by their origin. */
  readonly #notBefore: Map<string, number> = new Map();

  /**
   * Makes a request.
   *
   * @param signal Ends it.
   * @returns `undefined` when no connection could be made.
   */
  async exchange(
    request: HttpRequest,
    sink: AnswerSink,
    signal: AbortSignal,
  ): Promise<ParsedHead | undefined> {
    const { origin } = request.url;
    for (;;) {
      const kept = this.#takeKept(origin);
      const connection = kept ?? await this.#connect(request.url);
      if (connection === undefined) return undefined;
      const onAbort = () => this.#close(connection);
      signal.addEventListener("abort", onAbort);
      try {
        signal.throwIfAborted();
        const head = await connection.exchange(request, sink);
        if (connection.isReusable) this.#keep(origin, connection);
        return head;
      } catch (error) {
        // It was closed while nobody used it.
        const isStale = kept !== undefined && !connection.isAnswered &&
          !signal.aborted && !(error instanceof ProtocolError);
        if (!isStale) throw error;
      } finally {
        signal.removeEventListener("abort", onAbort);
        if (!connection.isReusable) this.#close(connection);
      }
    }
  }

  /** Closes all. */
  [Symbol.dispose](): void {
    for (const connection of this.#open) connection[Symbol.dispose]();
    this.#open.clear();
    this.#idle = [];
  }

  #takeKept(origin: string): DirectConnection | undefined {
    const at = this.#idle.findLastIndex((idle) => idle.origin === origin);
    return at < 0 ? undefined : this.#idle.splice(at, 1)[0].connection;
  }

  /** As many as there may be requests: redirects may lead to ever new hosts. */
  #keep(origin: string, connection: DirectConnection): void {
    this.#idle.push({ origin, connection });
    if (this.#idle.length <= OBJECT_REQUESTS_MAX) return;
    const oldest = this.#idle.shift();
    if (oldest !== undefined) this.#close(oldest.connection);
  }

  #close(connection: DirectConnection): void {
    this.#open.delete(connection);
    connection[Symbol.dispose]();
  }

  async #connect(url: URL): Promise<DirectConnection | undefined> {
    const { origin } = url;
    if (performance.now() < (this.#notBefore.get(origin) ?? 0)) {
      return undefined;
    }
    const made = await connect(url);
    if (made === undefined) {
      const now = performance.now();
      for (const [other, until] of this.#notBefore) {
        if (until < now) this.#notBefore.delete(other);
      }
      this.#notBefore.set(origin, now + DIRECT_RETRY_MS);
      return undefined;
    }
    const connection = new DirectConnection(made);
    this.#open.add(connection);
    return connection;
  }
}

/** Connects, unless that fails or takes long. */
async function connect(url: URL): Promise<Deno.Conn | undefined> {
  const isEncrypted = url.protocol === "https:";
  const address = {
    hostname: url.hostname.replace(/^\[|\]$/g, ""),
    port: Number(url.port || (isEncrypted ? 443 : 80)),
  };
  const connecting: Promise<Deno.TcpConn | Deno.TlsConn> = isEncrypted
    ? Deno.connectTls({ ...address, alpnProtocols: ["http/1.1"] })
    : Deno.connect(address);
  const late = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => late.resolve(undefined), DIRECT_CONNECT_MS);
  const ready = connecting.then(async (connection) => {
    try {
      if ("handshake" in connection) await connection.handshake();
      else connection.setNoDelay();
      return connection;
    } catch (error) {
      connection.close();
      throw error;
    }
  });
  try {
    const connection = await Promise.race([ready, late.promise]);
    if (connection === undefined) {
      ready.then((connection) => connection.close(), () => {});
    }
    return connection;
  } catch {
    // The runtime's fetch finds that out, too, and says what it is.
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}
