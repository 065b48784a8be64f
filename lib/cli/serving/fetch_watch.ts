/** What people see of the fetches that a holder serves. */

import type { BlobRef } from "../../content/mod.ts";
import type { RemotePeer, TicketContent } from "../../mesh/mod.ts";
import type { PublishedRef } from "../../store/mod.ts";
import { escapeText } from "../../text/escape.ts";
import { toHex } from "../../text/hex.ts";
import type { NodeEvent, ServedDownload } from "../../transfer/mod.ts";
import { ProgressMeter } from "../framework/progress/progress_meter.ts";
import { renderProgress } from "../framework/progress/render_progress.ts";
import { formatBytes, formatRate, formatSeconds } from "../../text/human.ts";

/** More rows would leave no place for what has happened. */
const ROWS_MAX = 6;

/** Something that is served, as people know it. */
export interface Published {
  readonly name: string;
  readonly totalBytes: bigint;
}

/** What a fetch asks for first, or when it goes on: the chunks of a reference. */
function* chunksOf(ref: BlobRef): Generator<Uint8Array, void> {
  if (ref.kind === "small") yield ref.hash;
  else if (ref.kind === "tree") yield ref.rootHash;
  else for (const { hash } of ref.chunks) yield hash;
}

/** Hashes of one request that are looked up: who asks for noise asks for many. */
const LOOKED_AT_MAX = 16;

/** By the hash of a chunk, in hex, what is fetched by whoever asks for it. */
export class PublishedChunks {
  readonly #published = new Map<string, Published>();

  /** @param contents What the ticket of each reference carries. */
  constructor(
    refs: readonly PublishedRef[],
    contents: readonly TicketContent[],
  ) {
    for (const [at, { ref, size }] of refs.entries()) {
      const totalBytes = BigInt(size ?? 0);
      const published = { name: contents[at].name, totalBytes };
      for (const hash of [contents[at].hash, ...chunksOf(ref)]) {
        const key = toHex(hash);
        if (!this.#published.has(key)) this.#published.set(key, published);
      }
    }
  }

  find(hashes: readonly Uint8Array[]): Published | undefined {
    for (const hash of hashes.slice(0, LOOKED_AT_MAX)) {
      const found = this.#published.get(toHex(hash));
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

/** One node that fetches, from its first request on until it is gone. */
interface Fetch {
  readonly peer: RemotePeer;
  readonly address: string;
  /** Its sessions: it may have several. */
  sessions: number;
  /** Absent until it asks for content. */
  running?: {
    readonly since: number;
    /** Requests that are open, since when, and for how long there were any. */
    readonly open: Set<number>;
    openSince: number;
    openMs: number;
    readonly published?: Published;
    readonly meter: ProgressMeter;
    bytes: number;
  };
}

type Sent = Extract<NodeEvent, { type: "request" }>["request"];

function hashesOf(request: Sent): readonly Uint8Array[] | undefined {
  switch (request.kind) {
    case "get":
    case "get_range":
      return [request.hash];
    case "get_many":
      return request.hashes;
    default:
      return undefined;
  }
}

/** What is fetched by whoever asks for some chunks. */
export type ChunkFinder = Pick<PublishedChunks, "find">;

export interface FetchWatchOptions {
  readonly chunks: ChunkFinder;
  /** Whether a peer that has left has got all; nothing is said of it without. */
  readonly isWhole?: (peer: RemotePeer) => boolean;
  /** Prints one line. */
  readonly line: (text: string) => void;
  /** A clock in milliseconds that never goes back. */
  readonly now: () => number;
  /** The time of day, as people have it. */
  readonly clock: () => string;
}

/** Follows all fetches of a holder, for people. */
export class FetchWatch {
  readonly #options: FetchWatchOptions;
  readonly #fetches = new Map<bigint, Fetch>();
  #chunks: ChunkFinder;
  #fetched = 0;
  #bytes = 0;

  constructor(options: FetchWatchOptions) {
    this.#options = options;
    this.#chunks = options.chunks;
  }

  /** Takes in what is published from now on. */
  publish(chunks: ChunkFinder): void {
    this.#chunks = chunks;
  }

  readonly onEvent = (event: NodeEvent, peer: RemotePeer): void => {
    const { nodeId, address } = peer;
    const fetch = this.#fetches.get(nodeId);
    switch (event.type) {
      case "attached":
        if (fetch !== undefined) fetch.sessions++;
        else this.#fetches.set(nodeId, { peer, address, sessions: 1 });
        return;
      case "detached":
        if (fetch === undefined || --fetch.sessions > 0) return;
        this.#fetches.delete(nodeId);
        return this.#ended(fetch, event.close);
      case "request": {
        const hashes = hashesOf(event.request);
        if (fetch === undefined || hashes === undefined) return;
        if (fetch.running?.published === undefined) this.#asked(fetch, hashes);
        return this.#opened(fetch, event.stream);
      }
      case "answered":
      case "failed":
        return fetch && this.#closed(fetch, event.stream);
      case "sent":
        if (fetch?.running === undefined) return;
        fetch.running.bytes += event.bytes;
        this.#bytes += event.bytes;
        return;
    }
  };

  /** A row for each running fetch, as far as they are few; none without one. */
  rows(width: number): string {
    const running = [...this.#fetches.values()]
      .filter(({ running }) => running !== undefined);
    const shown = running.length > ROWS_MAX
      ? running.slice(0, ROWS_MAX - 1)
      : running;
    const rows = shown.map((fetch) => this.#row(fetch, width));
    const more = running.length - shown.length;
    if (more > 0) rows.push(`and ${more} more fetches`.slice(0, width - 1));
    return rows.join("\n");
  }

  /** The running fetches, for those that ask over the network. */
  downloads(): ServedDownload[] {
    const now = this.#options.now();
    return [...this.#fetches.values()].flatMap(({ peer, address, running }) => {
      if (running === undefined) return [];
      const { published, bytes, since } = running;
      return [{
        peer: peer.nodeId,
        publicKey: peer.publicKey,
        address,
        bytes,
        sinceMs: now - since,
        ...(published && {
          name: published.name,
          totalBytes: Number(published.totalBytes),
        }),
      }];
    });
  }

  /** What has been served in all; nothing when nobody came. */
  summary(): string | undefined {
    if (this.#fetched === 0) return undefined;
    const fetches = this.#fetched === 1 ? "fetch" : "fetches";
    return `served ${this.#fetched} ${fetches}, ${formatBytes(this.#bytes)}`;
  }

  #asked(fetch: Fetch, hashes: readonly Uint8Array[]): void {
    const published = this.#chunks.find(hashes);
    if (published === undefined && fetch.running !== undefined) return;
    const now = this.#options.now();
    const {
      since = now,
      bytes = 0,
      open = new Set<number>(),
      openSince = now,
      openMs = 0,
    } = fetch.running ?? {};
    const isNew = fetch.running === undefined;
    const what = nameOf(published);
    const meter = new ProgressMeter(`${what} to ${fetch.address}`);
    const opened = { open, openSince, openMs };
    fetch.running = { since, published, meter, bytes, ...opened };
    if (!isNew) return;
    this.#fetched++;
    this.#line(`${fetch.address} fetches ${what}`);
  }

  #opened({ running }: Fetch, stream: number): void {
    if (running === undefined) return;
    if (running.open.size === 0) running.openSince = this.#options.now();
    running.open.add(stream);
  }

  #closed({ running }: Fetch, stream: number): void {
    if (running === undefined || !running.open.delete(stream)) return;
    if (running.open.size > 0) return;
    running.openMs += this.#options.now() - running.openSince;
  }

  #ended(
    { peer, address, running }: Fetch,
    close: Extract<NodeEvent, { type: "detached" }>["close"],
  ): void {
    if (running === undefined) return;
    const { published, bytes, open, openSince, openMs } = running;
    // While it asks for nothing, somebody may be thinking about a question.
    const last = open.size > 0 ? this.#options.now() - openSince : 0;
    const seconds = (openMs + last) / 1000;
    const rate = seconds > 0 ? ` (${formatRate(bytes / seconds)})` : "";
    const pace = `in ${formatSeconds(seconds)}${rate}`;
    const name = nameOf(published);
    const isWhole = this.#options.isWhole?.(peer);
    if (isWhole === true) {
      this.#line(
        `${address} has all of ${name}: ${formatBytes(bytes)} ${pace}`,
      );
      return;
    }
    const lost = close.by === "peer" || close.by === "local"
      ? ""
      : `, lost: ${close.reason || close.by}`;
    const part = isWhole === false ? ", not all" : "";
    this.#line(
      `${address} got ${formatBytes(bytes)} of ${name} ${pace}${part}${lost}`,
    );
  }

  #row({ address, running }: Fetch, width: number): string {
    // Rows are drawn of those that run.
    const { published, meter, bytes } = running!;
    meter.update({
      bytes: BigInt(bytes),
      ...(published && {
        totalBytes: published.totalBytes,
        path: `${published.name} to ${address}`,
      }),
    });
    return renderProgress(meter.state(this.#options.now()), width);
  }

  #line(text: string): void {
    const { line, clock } = this.#options;
    line(`${clock()}  ${escapeText(text)}`);
  }
}

/** What is not known by a path is from a store, or a part of something. */
function nameOf(published: Published | undefined): string {
  return published === undefined ? "chunks" : published.name || "/";
}
