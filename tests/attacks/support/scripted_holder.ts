/** Holders that answer as they are told, over real sockets. */

import {
  type BidiStream,
  encodeTicket,
  ephemeralIdentity,
  Node,
  type Session,
} from "../../../lib/mesh/mod.ts";
import { toHex } from "../../../lib/text/hex.ts";
import {
  decodeRequest,
  encodeResponseHeader,
  type Request,
} from "../../../lib/transfer/mod.ts";
import { type Behaviour, say } from "./hostile_behaviours.ts";

/** Chunks by the hex of their hashes. */
export type Chunks = ReadonlyMap<string, Uint8Array>;

/** The honest response to a request; nothing for a call. */
function honestResponse(
  chunks: Chunks,
  request: Request,
): { hashes: string[]; honest: Uint8Array<ArrayBuffer>; start: number } {
  const wanted = request.kind === "get_many"
    ? request.hashes
    : "hash" in request
    ? [request.hash]
    : [];
  const parts: Uint8Array[] = [];
  let start = 0;
  for (const hash of wanted) {
    const whole = chunks.get(toHex(hash)) ?? new Uint8Array();
    const bytes = request.kind === "get_range"
      ? whole.subarray(Number(request.offset))
      : whole;
    const header = encodeResponseHeader(bytes.length);
    if (parts.length === 0) start = header.length;
    parts.push(header, bytes);
  }
  const honest = new Uint8Array(parts.reduce((sum, p) => sum + p.length, 0));
  let at = 0;
  for (const part of parts) {
    honest.set(part, at);
    at += part.length;
  }
  return { hashes: wanted.map(toHex), honest, start };
}

/** A holder that behaves as it is told. */
export class ScriptedHolder implements AsyncDisposable {
  readonly #node: Node;
  readonly #psk: Uint8Array;
  readonly #chunks: Chunks;
  /** Hashes for which there was a lie, once for each. */
  readonly asked: string[] = [];

  private constructor(node: Node, psk: Uint8Array, chunks: Chunks) {
    this.#node = node;
    this.#psk = psk;
    this.#chunks = chunks;
  }

  /**
   * Starts one.
   *
   * @param spared Which hashes are answered honestly.
   * @param act What it does with requests for others; honest without.
   */
  static async start(
    chunks: Chunks,
    spared: ReadonlySet<string>,
    act?: Behaviour["act"],
  ): Promise<ScriptedHolder> {
    const psk = crypto.getRandomValues(new Uint8Array(32));
    const identity = ephemeralIdentity();
    const address = "127.0.0.1:0";
    const node = await Node.listen({ address, psk, identity });
    const holder = new ScriptedHolder(node, psk, chunks);
    void holder.#serve(spared, act);
    return holder;
  }

  /** What others attach with. */
  get ticket(): string {
    const { address: { port }, publicKey } = this.#node;
    const addresses = [`127.0.0.1:${port}`];
    return encodeTicket({ publicKey, addresses, psk: this.#psk });
  }

  attach(keepMs: number): Promise<Session> {
    return Node.attach({
      address: `127.0.0.1:${this.#node.address.port}`,
      publicKey: this.#node.publicKey,
      psk: this.#psk,
      keepMs,
      connectTimeoutMs: 60_000,
    });
  }

  async #serve(spared: ReadonlySet<string>, act?: Behaviour["act"]) {
    for await (const session of this.#node.sessions()) {
      void (async () => {
        for await (const stream of session.incomingStreams()) {
          // What a fetcher gives up fails, as it should.
          this.#answer(session, stream, spared, act).catch(() => {});
        }
      })().catch(() => {});
    }
  }

  async #answer(
    session: Session,
    stream: BidiStream,
    spared: ReadonlySet<string>,
    act?: Behaviour["act"],
  ): Promise<void> {
    const buffer = new Uint8Array(65_536);
    const length = await stream.read(buffer, buffer.length);
    const request = decodeRequest(buffer.slice(0, length));
    const { hashes, honest, start } = honestResponse(
      this.#chunks,
      request,
    );
    const scene = { request, stream, session, honest, start };
    if (hashes.length === 0) return await say(scene, [1]);
    const isSpared = hashes.every((hash) => spared.has(hash));
    if (isSpared || act === undefined) return await say(scene, honest);
    this.asked.push(hashes[0]);
    await act(scene);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#node.close();
  }
}
