import { DIRECT_CONNECT_MS, DIRECT_RETRY_MS } from "../limits.ts";
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
  readonly #idle: Map<string, DirectConnection[]> = new Map();
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
      const kept = this.#idle.get(origin)?.pop();
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
    this.#idle.clear();
  }

  #keep(origin: string, connection: DirectConnection): void {
    const idle = this.#idle.get(origin);
    if (idle === undefined) this.#idle.set(origin, [connection]);
    else idle.push(connection);
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
      this.#notBefore.set(origin, performance.now() + DIRECT_RETRY_MS);
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
