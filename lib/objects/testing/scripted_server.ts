/** A web server that does what a test says, down to the bytes. */

/** A request as it came. */
export interface ScriptedRequest {
  readonly method: string;
  /** Path with query, or what else stands there. */
  readonly target: string;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

/** Writes to the connection; closes it when told to. */
export interface Answering {
  /** Writes text or bytes as they are. */
  raw(...parts: (string | Uint8Array)[]): Promise<void>;
  /** Writes a whole answer. */
  send(
    status: number,
    body?: string | Uint8Array,
    headers?: Readonly<Record<string, string>>,
  ): Promise<void>;
  /** Closes the connection. */
  close(): void;
  /** Aborts when the client, or the test, is gone. */
  readonly signal: AbortSignal;
}

/** Answers one request. */
export type Script = (
  request: ScriptedRequest,
  answer: Answering,
) => Promise<void>;

const END = "\r\n\r\n";

/** A server on loopback. */
export class ScriptedServer implements AsyncDisposable {
  /** What came, in order. */
  readonly requests: ScriptedRequest[] = [];
  /** Connections that were made. */
  connections = 0;
  readonly #listener: Deno.Listener;
  readonly #script: Script;
  readonly #open = new Set<Deno.Conn>();
  readonly #work = new Set<Promise<void>>();
  readonly #over = new AbortController();

  /** @param port Any free one if it is 0. */
  constructor(script: Script, port = 0) {
    this.#script = script;
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port });
    this.#track(this.#accept());
  }

  /** `http://127.0.0.1:PORT/`. */
  get url(): string {
    const { port } = this.#listener.addr as Deno.NetAddr;
    return `http://127.0.0.1:${port}/`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over.abort();
    this.#listener.close();
    for (const connection of this.#open) close(connection);
    await Promise.all(this.#work);
  }

  #track(work: Promise<void>): void {
    const tracked = work.catch(() => {}).finally(() =>
      this.#work.delete(tracked)
    );
    this.#work.add(tracked);
  }

  async #accept(): Promise<void> {
    for await (const connection of this.#listener) {
      this.connections++;
      this.#open.add(connection);
      this.#track(
        this.#serve(connection).finally(() => {
          this.#open.delete(connection);
          close(connection);
        }),
      );
    }
  }

  async #serve(connection: Deno.Conn): Promise<void> {
    let pending = new Uint8Array();
    const gone = new AbortController();
    const signal = AbortSignal.any([gone.signal, this.#over.signal]);
    const more = async () => {
      const buffer = new Uint8Array(64 * 1024);
      const count = await connection.read(buffer);
      if (count === null) throw new Error("closed");
      pending = join(pending, buffer.subarray(0, count));
    };
    try {
      for (;;) {
        let text = latin1(pending);
        while (!text.includes(END)) {
          await more();
          text = latin1(pending);
        }
        const head = text.slice(0, text.indexOf(END));
        pending = pending.slice(head.length + END.length);
        const [line, ...lines] = head.split("\r\n");
        const [method, target] = line.split(" ");
        const headers = new Headers(
          lines.map((line) => [
            line.slice(0, line.indexOf(":")),
            line.slice(line.indexOf(":") + 1).trim(),
          ]),
        );
        const length = Number(headers.get("content-length") ?? 0);
        while (pending.length < length) await more();
        const body = pending.slice(0, length);
        pending = pending.slice(length);
        const request = { method, target, headers, body };
        this.requests.push(request);
        await this.#script(request, answering(request, connection, signal));
      }
    } finally {
      gone.abort();
    }
  }
}

function answering(
  { method }: ScriptedRequest,
  connection: Deno.Conn,
  signal: AbortSignal,
): Answering {
  const raw = async (...parts: (string | Uint8Array)[]) => {
    for (const part of parts) {
      let bytes = typeof part === "string" ? encode(part) : part;
      while (bytes.length > 0) {
        bytes = bytes.subarray(await connection.write(bytes));
      }
    }
  };
  return {
    raw,
    signal,
    close: () => close(connection),
    async send(status, body = "", headers = {}) {
      const bytes = typeof body === "string" ? encode(body) : body;
      const all = { "content-length": String(bytes.length), ...headers };
      const lines = Object.entries(all).map((header) => header.join(": "));
      await raw(
        [`HTTP/1.1 ${status} It`, ...lines].join("\r\n") + END,
        method === "HEAD" ? "" : bytes,
      );
    },
  };
}

/** Answers as a web server does that has some files. */
export function serveFiles(
  files: Readonly<Record<string, Uint8Array>>,
  { ranges = true }: { ranges?: boolean } = {},
): Script {
  return async ({ target, headers }, answer) => {
    const bytes = Object.hasOwn(files, target) ? files[target] : undefined;
    if (bytes === undefined) return await answer.send(404, "not here");
    const range = /^bytes=(\d+)-(\d*)$/.exec(headers.get("range") ?? "");
    if (range === null || !ranges) return await answer.send(200, bytes);
    const start = Number(range[1]);
    if (start >= bytes.length) return await answer.send(416);
    const end = range[2] === "" ? bytes.length - 1 : Number(range[2]);
    const part = bytes.subarray(start, end + 1);
    await answer.send(206, part, {
      "content-range": `bytes ${start}-${
        start + part.length - 1
      }/${bytes.length}`,
    });
  };
}

function close(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // It was closed by the other side of the test.
  }
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function latin1(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes);
}

function join(one: Uint8Array, other: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}
