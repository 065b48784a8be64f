import { HTTP_HEAD_MAX, HTTP_PARTS_MAX } from "../limits.ts";
import type { HttpRequest } from "./http_request.ts";
import type { Gathered } from "./gathered.ts";
import {
  BadAnswerError,
  type BodyEnd,
  bodyEnd,
  formatRequestHead,
  parseChunkLine,
  type ParsedHead,
  parseHttpHead,
} from "./http_head.ts";

/** A body that is not longer goes out with the head. */
const WITH_HEAD = 64 * 1024;
/** Longest line before a part of a body, in bytes. */
const LINE_MAX = 1024;

/** Where the parts of an answer go. */
export interface AnswerSink {
  readonly receive: (
    head: Omit<ParsedHead, "isKept">,
  ) => Gathered | Promise<Gathered>;
  readonly onBytes: (count: number) => void;
  /** Told of what was sent. */
  readonly onSent: () => void;
}

/** One connection to a server, for one request after the other. */
export class DirectConnection implements Disposable {
  /** Whether another request can be made. */
  isReusable = true;
  /** Whether an answer to the last one began. */
  isAnswered = false;
  readonly #connection: Deno.Conn;
  readonly #buffer = new Uint8Array(HTTP_HEAD_MAX);
  readonly #decoder = new TextDecoder("latin1");
  #start = 0;
  #end = 0;
  #isClosed = false;

  constructor(connection: Deno.Conn) {
    this.#connection = connection;
  }

  /**
   * Makes a request and takes the answer. A failed one leaves a connection that
   * is of no more use.
   */
  async exchange(
    request: HttpRequest,
    { receive, onBytes, onSent }: AnswerSink,
  ): Promise<ParsedHead> {
    this.isReusable = false;
    this.isAnswered = false;
    // A server may answer, and close, before it has read all of a body.
    const sending = this.#send(request, onSent);
    sending.catch(() => {});
    const head = await this.#readHead();
    this.isAnswered = true;
    const target = await receive(head);
    const end = bodyEnd(request.method, head);
    const isWhole = await this.#readBody(end, target, onBytes);
    if (isWhole && head.isKept && end.kind !== "close") {
      await sending;
      // What is there before it was asked for is no answer.
      this.isReusable = this.#start === this.#end;
    }
    return head;
  }

  /** Closes it; what is read or written ends. */
  [Symbol.dispose](): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.isReusable = false;
    this.#connection.close();
  }

  async #send(
    { method, url, headers, body }: HttpRequest,
    onSent: () => void,
  ): Promise<void> {
    const head = new TextEncoder().encode(
      formatRequestHead(method, url, headers, body?.length),
    );
    if (body === undefined) return await this.#write(head, onSent);
    if (body.length > WITH_HEAD) {
      await this.#write(head, onSent);
      return await this.#write(body, onSent);
    }
    const both = new Uint8Array(head.length + body.length);
    both.set(head);
    both.set(body, head.length);
    await this.#write(both, onSent);
  }

  async #write(bytes: Uint8Array, onSent: () => void): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      at += await this.#connection.write(
        at === 0 ? bytes : bytes.subarray(at),
      );
      onSent();
    }
  }

  /** Reads heads until one is the last word. */
  async #readHead(): Promise<ParsedHead> {
    for (;;) {
      const end = await this.#find();
      const text = this.#decoder.decode(
        this.#buffer.subarray(this.#start, end),
      );
      this.#start = end + 4;
      const head = parseHttpHead(text);
      if (head.status >= 200) return head;
    }
  }

  /** Where the empty line at the end of a head begins. */
  async #find(): Promise<number> {
    for (let from = this.#start;;) {
      for (let at = from; at + 3 < this.#end; at++) {
        if (
          this.#buffer[at] === 13 && this.#buffer[at + 1] === 10 &&
          this.#buffer[at + 2] === 13 && this.#buffer[at + 3] === 10
        ) return at;
      }
      const scanned = this.#end - this.#start;
      if (!await this.#fill()) {
        throw new Error("the connection was closed before the answer");
      }
      from = this.#start + Math.max(0, scanned - 3);
    }
  }

  /** Reads more into the buffer; `false` at the end. */
  async #fill(): Promise<boolean> {
    if (this.#start > 0) {
      this.#buffer.copyWithin(0, this.#start, this.#end);
      this.#end -= this.#start;
      this.#start = 0;
    }
    if (this.#end === this.#buffer.length) {
      throw new BadAnswerError("its answer has an endless head");
    }
    const count = await this.#connection.read(this.#buffer.subarray(this.#end));
    this.#end += count ?? 0;
    return count !== null;
  }

  /** Tells whether all of it was read. */
  async #readBody(
    end: BodyEnd,
    target: Gathered,
    onBytes: (count: number) => void,
  ): Promise<boolean> {
    switch (end.kind) {
      case "length":
        target.expect(end.bytes);
        return await this.#readBytes(end.bytes, target, onBytes);
      case "close":
        while (await this.#readSome(Infinity, target, onBytes));
        return false;
      case "chunked":
        for (let parts = 0;; parts++) {
          if (parts === HTTP_PARTS_MAX) {
            throw new BadAnswerError("its answer has endless parts");
          }
          const length = parseChunkLine(await this.#readLine());
          if (length === 0) break;
          target.expect(length, false);
          if (!await this.#readBytes(length, target, onBytes)) return false;
          if (await this.#readLine() !== "") {
            throw new BadAnswerError("its answer is cut wrongly");
          }
        }
        for (let lines = 0; await this.#readLine() !== ""; lines++) {
          if (lines === 100) {
            throw new BadAnswerError("its answer has an endless tail");
          }
        }
        return true;
    }
  }

  async #readBytes(
    length: number,
    target: Gathered,
    onBytes: (count: number) => void,
  ): Promise<boolean> {
    for (let left = length; left > 0;) {
      if (target.isCut) return false;
      const count = await this.#readSome(left, target, onBytes);
      if (count === 0 && !target.isCut) throw new Error("the answer was cut");
      left -= count;
    }
    return true;
  }

  /** Reads up to so many bytes of a body; 0 at the end. */
  async #readSome(
    most: number,
    target: Gathered,
    onBytes: (count: number) => void,
  ): Promise<number> {
    const buffered = Math.min(this.#end - this.#start, most);
    if (buffered > 0) {
      const bytes = this.#buffer.subarray(this.#start, this.#start + buffered);
      this.#start += buffered;
      const taken = target.addCopy(bytes);
      onBytes(taken);
      return taken === buffered ? taken : 0;
    }
    const space = target.space(most);
    // One byte more than there may be tells that there is more.
    if (space.length === 0) {
      if (!await this.#fill()) return 0;
      target.addCopy(this.#buffer.subarray(this.#start, this.#start + 1));
      return 0;
    }
    const count = await this.#connection.read(space);
    if (count === null) return 0;
    target.took(count);
    onBytes(count);
    return count;
  }

  async #readLine(): Promise<string> {
    for (;;) {
      const at = this.#buffer.subarray(this.#start, this.#end).indexOf(10);
      if (at > LINE_MAX || at < 0 && this.#end - this.#start > LINE_MAX) {
        throw new BadAnswerError("its answer is cut wrongly");
      }
      if (at >= 0) {
        const line = this.#buffer.subarray(this.#start, this.#start + at);
        this.#start += at + 1;
        return this.#decoder.decode(line).replace(/\r$/, "");
      }
      if (!await this.#fill()) throw new Error("the answer was cut");
    }
  }
}
