import { delay } from "@std/async";
import { Semaphore } from "../async/semaphore.ts";
import {
  PeerClosedError,
  ProtocolError,
  TimeoutError,
  type TransferError,
} from "../errors.ts";
import {
  OBJECT_ERROR_MAX,
  OBJECT_PROGRESS_BYTES,
  OBJECT_REDIRECTS_MAX,
  OBJECT_REQUESTS_MAX,
  OBJECT_TIMEOUT_MS,
  OBJECT_TRIES_MAX,
  OBJECT_TRIES_TOTAL,
} from "../limits.ts";
import { quoteText } from "../text/escape.ts";
import { announcedLength, exchange } from "./exchange.ts";
import type { HttpHead, HttpRequest } from "./http_request.ts";
import { DirectConnections } from "./direct_connections.ts";
import { Gathered } from "./gathered.ts";
import { wrongLength } from "./not_a_chunk.ts";
import { knowsNoProxy } from "./knows_no_proxy.ts";
import { isRedirect, redirectTarget } from "./redirect.ts";
import { isPassing, retryDelay } from "./retry_delay.ts";
import { shownUrl } from "./shown_url.ts";

/** How {@linkcode HttpRequests} are made. */
export interface HttpRequestsOptions {
  /**
   * Longest time without progress of one request, in milliseconds.
   *
   * @default {OBJECT_TIMEOUT_MS}
   */
  readonly timeoutMs?: number;
  /**
   * Requests at once.
   *
   * @default {OBJECT_REQUESTS_MAX}
   */
  readonly connections?: number;
  /**
   * Whether redirects are followed.
   *
   * @default {true}
   */
  readonly followRedirects?: boolean;
  /**
   * Whether connections are made that no proxy is asked for.
   *
   * @default {where it is known that there is no proxy}
   */
  readonly direct?: boolean;
  /** Waits before a request is made again; tests have their own. */
  readonly pause?: (ms: number, signal?: AbortSignal) => Promise<void>;
}

/** What is asked, and what of the answer is taken. */
export interface Asking {
  /**
   * Makes the request, anew for each try.
   *
   * @param range For its header `range`, when only a part is wanted.
   */
  readonly make: (range?: string) => HttpRequest | Promise<HttpRequest>;
  /** Most bytes of the object. */
  readonly most: number;
  /** Bytes of the object, where they are known. */
  readonly size?: number;
  /** Where in the object to begin; without it a whole one is wanted. */
  readonly offset?: number;
  /** Longest time without progress, in milliseconds. */
  readonly timeoutMs?: number;
  /** Whether an answer may be another a little later, by what it says. */
  readonly isPassing?: (answer: HttpAnswer) => boolean;
  /** Ends it. */
  readonly signal?: AbortSignal;
  /** Told of bytes that come; less than nothing when it begins anew. */
  readonly onBytes?: (count: number) => void;
  /** Called before the body is read, with the most that it can be. */
  readonly beforeBody?: (most: number) => Promise<void>;
}

/** An answer that is the last word. */
export interface HttpAnswer extends HttpHead {
  /** The object, or what is said instead of it, as far as there is room for. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/**
 * Requests to one server, made again when they fail for a reason that passes. An
 * answer that was cut goes on where it ended.
 */
export class HttpRequests implements Disposable {
  readonly #timeoutMs: number;
  readonly #followRedirects: boolean;
  readonly #turns: Semaphore;
  readonly #pause: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly #over = new AbortController();
  readonly #direct?: DirectConnections;
  #client?: Deno.HttpClient;

  constructor(options: HttpRequestsOptions = {}) {
    if (options.direct ?? knowsNoProxy()) {
      this.#direct = new DirectConnections();
    }
    const { timeoutMs, connections, followRedirects, pause } = options;
    this.#timeoutMs = timeoutMs ?? OBJECT_TIMEOUT_MS;
    this.#followRedirects = followRedirects ?? true;
    this.#turns = new Semaphore(connections ?? OBJECT_REQUESTS_MAX);
    this.#pause = pause ?? ((ms, signal) => delay(ms, { signal }));
  }

  /**
   * Asks until there is an answer.
   *
   * @throws {TimeoutError} When nothing comes for too long.
   * @throws {PeerClosedError} When it fails again and again.
   */
  async send(asking: Asking): Promise<HttpAnswer> {
    const { signal: caller } = asking;
    const over = this.#over.signal;
    const signal = caller === undefined
      ? over
      : AbortSignal.any([caller, over]);
    using _turn = await this.#turns.acquire(1, signal);
    return await new Attempts({ ...asking, signal }, {
      timeoutMs: asking.timeoutMs ?? this.#timeoutMs,
      followRedirects: this.#followRedirects,
      client: this.#connections(),
      ...(this.#direct && { direct: this.#direct }),
    }).run(this.#pause);
  }

  /** Ends all requests and closes all connections. */
  [Symbol.dispose](): void {
    this.#over.abort(new PeerClosedError("the requests were given up"));
    this.#direct?.[Symbol.dispose]();
    this.#client?.close();
    this.#client = undefined;
  }

  /**
   * Connections of its own: closed with it. One for each request (HTTP/1.1), as
   * one for all has to share one congestion window.
   */
  #connections(): Deno.HttpClient {
    this.#over.signal.throwIfAborted();
    return this.#client ??= Deno.createHttpClient({ http2: false });
  }
}

interface AttemptOptions {
  readonly timeoutMs: number;
  readonly followRedirects: boolean;
  readonly client: Deno.HttpClient;
  readonly direct?: DirectConnections;
}

/** One request, as often as it takes. */
class Attempts {
  readonly #got: Gathered;
  /** What was asked for last. */
  #asked = "";
  /** Whether the server gives parts of objects, as far as is known. */
  #hasRanges = true;

  constructor(
    private readonly asking: Asking,
    private readonly options: AttemptOptions,
  ) {
    // Who has no ranges sends more than the first bytes.
    this.#got = new Gathered(asking.most, asking.offset === 0);
  }

  async run(
    pause: (ms: number, signal?: AbortSignal) => Promise<void>,
  ): Promise<HttpAnswer> {
    const { signal } = this.asking;
    for (let tries = 1, failures = 0;; tries++) {
      const before = this.#got.length;
      let failure: TransferError;
      let retryAfter: string | null = null;
      try {
        const answer = await this.#once();
        const isLast = !isPassing(answer.status) &&
          !this.asking.isPassing?.(answer);
        if (isLast) return answer;
        failure = passingFailure(answer, this.#asked);
        retryAfter = answer.headers.get("retry-after");
      } catch (error) {
        if (!isCut(error)) throw error;
        failure = error;
      }
      const came = this.#got.length - before;
      failures = came >= OBJECT_PROGRESS_BYTES ? 1 : failures + 1;
      const isDead = failure instanceof TimeoutError && came <= 0;
      if (
        isDead || failures >= OBJECT_TRIES_MAX || tries >= OBJECT_TRIES_TOTAL
      ) throw failure;
      const ms = retryDelay(failures, retryAfter, Date.now(), Math.random());
      await pause(ms, signal);
    }
  }

  /** Asks for what is missing, wherever that is. */
  async #once(): Promise<HttpAnswer> {
    const { asking, options } = this;
    let request = asPlain(await asking.make(this.#range()));
    for (let redirects = 0;; redirects++) {
      const answer = await this.#ask(request);
      const isElsewhere = options.followRedirects &&
        isRedirect(answer.status) && request.method !== "PUT";
      if (!isElsewhere) return answer;
      if (redirects === OBJECT_REDIRECTS_MAX) {
        throw new ProtocolError(
          `${
            shownUrl(request.url)
          } redirects more than ${OBJECT_REDIRECTS_MAX} times`,
          { hint: "give the URL that has the chunks itself" },
        );
      }
      const { url, headers: { authorization, ...headers } } = request;
      const target = redirectTarget(url, answer.headers.get("location"));
      // Another host gets no credentials.
      const isSame = target.origin === url.origin;
      request = {
        ...request,
        url: target,
        headers: isSame && authorization !== undefined
          ? { ...headers, authorization }
          : headers,
      };
    }
  }

  /** The header for what is missing; nothing for a whole object. */
  #range(): string | undefined {
    const { offset, size } = this.asking;
    const { length } = this.#got;
    if (offset === undefined && (length === 0 || !this.#hasRanges)) {
      return undefined;
    }
    const first = offset ?? 0;
    const start = first + length;
    return `bytes=${start}-${size === undefined ? "" : first + size - 1}`;
  }

  async #ask(request: HttpRequest): Promise<HttpAnswer> {
    const { signal, size, onBytes } = this.asking;
    this.#asked = shownUrl(request.url);
    let other: Gathered | undefined;
    let isWhole = false;
    const head = await exchange(request, {
      ...this.options,
      signal,
      receive: async (head) => {
        isWhole = request.method !== "HEAD" &&
          (head.status === 200 || head.status === 206);
        if (isWhole) return await this.#place(request, head);
        other = new Gathered(OBJECT_ERROR_MAX, true);
        return other;
      },
      onBytes: (count) => isWhole && onBytes?.(count),
    });
    if (!isWhole) return this.#instead(request, head, other);
    if (size !== undefined && this.#got.length < size) {
      throw new PeerClosedError(
        `${
          shownUrl(request.url)
        } ended after ${this.#got.length} of ${size} bytes`,
      );
    }
    return { ...head, bytes: this.#got.bytes };
  }

  /** Where the bytes of the object go. */
  async #place(request: HttpRequest, head: HttpHead): Promise<Gathered> {
    const { size, most, offset, beforeBody } = this.asking;
    const shown = shownUrl(request.url);
    const start = (offset ?? 0) + this.#got.length;
    const asked = request.headers.range !== undefined;
    const encoding = head.headers.get("content-encoding") ?? "identity";
    if (encoding.toLowerCase() !== "identity") throw packed(shown, encoding);
    if (head.status === 206) {
      const from = /^bytes ([0-9]{1,15})-/.exec(
        head.headers.get("content-range") ?? "",
      )?.[1];
      if (!asked || Number(from) !== start) {
        this.#beginAnew();
        this.#hasRanges = false;
        throw new PeerClosedError(`${shown} sent another range than asked for`);
      }
    } else if (asked) {
      if (offset !== undefined && offset > 0) {
        throw new ProtocolError(`${shown} gives no parts of what it has`);
      }
      this.#beginAnew();
    }
    const announced = announcedLength(head.headers);
    const isPart = offset === 0 && head.status === 200;
    if (announced !== undefined && size !== undefined && !isPart) {
      const length = this.#got.length + announced;
      if (length !== size) {
        throw wrongLength(shown, head.headers, length, size);
      }
    }
    await beforeBody?.(
      announced === undefined ? size ?? most : this.#got.length + announced,
    );
    return this.#got;
  }

  #beginAnew(): void {
    const { length } = this.#got;
    if (length > 0) this.asking.onBytes?.(-length);
    this.#got.clear();
  }

  /** An answer that is no object. */
  #instead(
    request: HttpRequest,
    head: HttpHead,
    other: Gathered | undefined,
  ): HttpAnswer {
    // There is nothing behind what has come: that was all of it.
    const isAll = head.status === 416 && this.#got.length > 0 &&
      this.asking.size === undefined && request.headers.range !== undefined;
    return isAll
      ? { ...head, status: 200, bytes: this.#got.bytes }
      : { ...head, bytes: other?.bytes ?? new Uint8Array() };
  }
}

/** Whether it may go on where it ended, or be tried again. */
function isCut(error: unknown): error is PeerClosedError | TimeoutError {
  return error instanceof PeerClosedError || error instanceof TimeoutError;
}

/** Asks for the bytes as they are. */
function asPlain(request: HttpRequest): HttpRequest {
  const headers = { "accept-encoding": "identity", ...request.headers };
  return { ...request, headers };
}

/** We asked for the bytes as they are, and it is not told what was packed. */
function packed(shown: string, encoding: string): ProtocolError {
  return new ProtocolError(
    `${shown} sends what it has packed (${quoteText(encoding)})`,
    { hint: "switch compression off for these files on the server" },
  );
}

function passingFailure({ status }: HttpHead, shown: string): PeerClosedError {
  return new PeerClosedError(`${shown} answers with ${status}`, {
    hint: "it may be busy: try again later",
    fields: { status },
  });
}
