/** The head of an HTTP/1.1 answer (RFC 9112). */

import { ProtocolError } from "../errors.ts";

/** An answer that breaks the protocol; its message does not say whose it is. */
export class BadAnswerError extends ProtocolError {}

/** Fields of a head, by their names in any case. */
export type HttpFields = Pick<Headers, "get" | "has">;

/** A parsed head. */
export interface ParsedHead {
  readonly status: number;
  readonly headers: HttpFields;
  /** Whether another request may follow on the connection. */
  readonly isKept: boolean;
}

/** How a body ends. */
export type BodyEnd =
  | { readonly kind: "length"; readonly bytes: number }
  | { readonly kind: "chunked" }
  | { readonly kind: "close" };

const NOTHING: BodyEnd = { kind: "length", bytes: 0 };
/** A field: a token, and visible text (RFC 9110 §5). */
const FIELD = /^([!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}):[ \t]*([^\0\r\n]*?)[ \t]*$/;

class Fields implements HttpFields {
  readonly #fields: Map<string, string>;

  constructor(fields: Map<string, string>) {
    this.#fields = fields;
  }

  get(name: string): string | null {
    return this.#fields.get(name.toLowerCase()) ?? null;
  }

  has(name: string): boolean {
    return this.#fields.has(name.toLowerCase());
  }
}

/**
 * Parses a head, without the empty line at its end.
 *
 * @throws {BadAnswerError} When it is none.
 */
export function parseHttpHead(text: string): ParsedHead {
  const [first, ...lines] = text.split("\r\n");
  const start = /^HTTP\/1\.([01]) ([1-9][0-9]{2})(?: |$)/.exec(first);
  if (start === null) throw new BadAnswerError("it answers with no HTTP/1.1");
  const fields = new Map<string, string>();
  for (const line of lines) {
    const field = FIELD.exec(line);
    if (field === null) {
      throw new BadAnswerError("its answer has a broken head");
    }
    const name = field[1].toLowerCase();
    const before = fields.get(name);
    fields.set(
      name,
      before === undefined ? field[2] : `${before}, ${field[2]}`,
    );
  }
  const connection = fields.get("connection") ?? "";
  return {
    status: Number(start[2]),
    headers: new Fields(fields),
    isKept: start[1] === "1" && !/\bclose\b/i.test(connection),
  };
}

/**
 * How the body ends (RFC 9112 §6.3). What could be read in two ways is refused.
 *
 * @throws {BadAnswerError} When the head does not say.
 */
export function bodyEnd(
  method: string,
  { status, headers }: Pick<ParsedHead, "status" | "headers">,
): BodyEnd {
  if (method === "HEAD" || status < 200 || status === 204 || status === 304) {
    return NOTHING;
  }
  const coding = headers.get("transfer-encoding");
  const length = headers.get("content-length");
  if (coding !== null) {
    if (length !== null || coding.toLowerCase() !== "chunked") {
      throw new BadAnswerError("its answer does not say where it ends");
    }
    return { kind: "chunked" };
  }
  if (length === null) return { kind: "close" };
  if (!/^[0-9]{1,15}$/.test(length)) {
    throw new BadAnswerError("its answer has no length that is one");
  }
  return { kind: "length", bytes: Number(length) };
}

/**
 * Parses the line before a chunk of a body (RFC 9112 §7.1).
 *
 * @returns How many bytes follow; 0 at the end.
 * @throws {BadAnswerError} When it is none.
 */
export function parseChunkLine(line: string): number {
  const size = /^([0-9a-fA-F]{1,8})[ \t]*(?:;|$)/.exec(line)?.[1];
  if (size === undefined) throw new BadAnswerError("its answer is cut wrongly");
  return parseInt(size, 16);
}

/**
 * The head of a request.
 *
 * @throws {TypeError} When a field would be more than one line.
 */
export function formatRequestHead(
  method: string,
  url: URL,
  headers: Readonly<Record<string, string>>,
  bodyLength: number | undefined,
): string {
  let head =
    `${method} ${url.pathname}${url.search} HTTP/1.1\r\nhost: ${url.host}\r\n`;
  for (const name in headers) {
    if (name === "host") continue;
    const line = `${name}: ${headers[name]}`;
    if (!FIELD.test(line)) {
      throw new TypeError(`a header cannot be sent: ${name}`);
    }
    head += `${line}\r\n`;
  }
  if (bodyLength !== undefined) head += `content-length: ${bodyLength}\r\n`;
  return `${head}\r\n`;
}
