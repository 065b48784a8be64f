/** A node that announces itself on the local network, and nodes that look for it. */

import { delay } from "@std/async";
import { formatAddress } from "../mesh/mod.ts";
import { MDNS_ANSWERS_PER_SECOND, MDNS_FOUND_MAX } from "../limits.ts";
import {
  type Announcement,
  decodeMdns,
  encodeMdnsAnswer,
  encodeMdnsQuery,
} from "./mdns_packet.ts";
import {
  AskingSockets,
  type Heard,
  type MulticastSettings,
  openGroup,
  tellGroup,
} from "./multicast_sockets.ts";

/** Milliseconds after which it is announced again (RFC 6762 §8.3). */
const ANNOUNCE_AGAIN_MS = 1000;
/** Milliseconds between two answers to all (RFC 6762 §6). */
const TELL_ALL_MS = 1000;
/** Milliseconds between questions: first often, for packets get lost. */
const ASK_AGAIN_MS = [250, 750, 1000, 2000];
/** The port that those ask from who hear what is told to all. */
const FULL_QUERIER_PORT = 5353;

/** Says who is there, to all and to those that ask, until it is disposed of. */
export class LocalService implements AsyncDisposable {
  readonly #announcement: Announcement;
  readonly #settings: MulticastSettings;
  readonly #sockets: Disposable;
  readonly #stop = new AbortController();
  readonly #running: Promise<unknown>;
  #answers = { since: 0, count: 0 };
  #toldAt = -Infinity;

  private constructor(
    announcement: Announcement,
    settings: MulticastSettings,
    sockets: Awaited<ReturnType<typeof openGroup>>,
  ) {
    this.#announcement = announcement;
    this.#settings = settings;
    this.#sockets = sockets;
    this.#running = Promise.all([
      sockets.receive((heard) => this.#onHeard(heard)),
      this.#announce(),
    ]);
  }

  /**
   * Begins.
   *
   * @throws {PermissionError} When the process may not.
   * @throws {IoError} When no interface takes multicast.
   */
  static async start(
    announcement: Announcement,
    settings: MulticastSettings = {},
  ): Promise<LocalService> {
    return new LocalService(announcement, settings, await openGroup(settings));
  }

  /** Says that it is gone, and ends. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort();
    await this.#tellAll(true);
    this.#sockets[Symbol.dispose]();
    await this.#running;
  }

  async #announce(): Promise<void> {
    const { signal } = this.#stop;
    await this.#tellAll();
    // It ends early when it is not announced any more.
    await delay(ANNOUNCE_AGAIN_MS, { signal }).catch(() => {});
    if (!signal.aborted) await this.#tellAll();
  }

  async #tellAll(goodbye = false): Promise<void> {
    this.#toldAt = performance.now();
    await tellGroup(
      ({ addresses }) =>
        encodeMdnsAnswer(this.#announcement, { addresses, goodbye }),
      this.#settings,
    );
  }

  #onHeard({ bytes, from, by: { addresses }, reply }: Heard): void {
    const message = decodeMdns(bytes);
    if (!message?.asks || this.#stop.signal.aborted) return;
    const now = performance.now();
    const { port = FULL_QUERIER_PORT } = this.#settings;
    if (from.port === port) {
      if (now - this.#toldAt >= TELL_ALL_MS) void this.#tellAll();
      return;
    }
    if (now - this.#answers.since >= 1000) {
      this.#answers = { since: now, count: 0 };
    }
    if (this.#answers.count++ >= MDNS_ANSWERS_PER_SECOND) return;
    const { id: legacyId } = message;
    void reply(encodeMdnsAnswer(this.#announcement, { addresses, legacyId }));
  }
}

/** A node that has answered. */
export interface LocalNode extends Announcement {
  /** `host:port`, with the host that the answer came from. */
  readonly address: string;
}

/**
 * Asks who is there, again and again, until the signal aborts.
 *
 * Of each node each address is told once. It is the one that the answer came
 * from: an answer leads nobody to a third machine.
 */
export async function browse(
  onFound: (node: LocalNode) => void,
  signal: AbortSignal,
  settings: MulticastSettings = {},
): Promise<void> {
  const id = crypto.getRandomValues(new Uint16Array(1))[0];
  using sockets = await AskingSockets.open(encodeMdnsQuery(id), settings);
  const found = new Set<string>();
  const receiving = sockets.receive(({ bytes, from: { hostname } }) => {
    const message = decodeMdns(bytes);
    if (message === undefined || message.id !== id) return;
    for (const { ttl, ...node } of message.announced) {
      const address = formatAddress({ hostname, port: node.port });
      const key = `${node.instance} ${address}`;
      if (ttl === 0 || found.has(key) || found.size >= MDNS_FOUND_MAX) continue;
      found.add(key);
      onFound({ ...node, address });
    }
  });
  for (let i = 0; !signal.aborted; i++) {
    await sockets.ask();
    const pause = ASK_AGAIN_MS[i] ?? ASK_AGAIN_MS[ASK_AGAIN_MS.length - 1];
    // It ends early when nobody looks any more.
    await delay(pause, { signal }).catch(() => {});
  }
  sockets[Symbol.dispose]();
  await receiving;
}
