import { delay } from "@std/async";
import { Node, type SocketAddress } from "../mesh/mod.ts";
import {
  CODE_NUMBER_MAX,
  TAKEN_TAGS_MAX,
  TICKET_ADDRESSES_MAX,
} from "../limits.ts";
import { SHORT_NUMBERS } from "./code.ts";
import type { AnnouncedTag } from "./mdns_packet.ts";
import { randomToken } from "../os/random_token.ts";
import { toHex } from "../text/hex.ts";
import { browse, type LocalNode, LocalService } from "./local_service.ts";
import type {
  Candidate,
  CandidateAttachOptions,
  MeetingPlace,
  OfferedNumber,
} from "./meeting_place.ts";
import { isTagOf, numberTag, SALT_LENGTH } from "./meeting_secrets.ts";
import { interfacesAt, type MulticastSettings } from "./multicast_sockets.ts";

/** Milliseconds in which others say which numbers they have. */
const TAKEN_MS = 500;

/** Name of the local network, for people. */
const NAME = "the local network";

/** A share that was found, at all addresses that it has answered from. */
class LocalCandidate implements Candidate {
  readonly where = NAME;
  readonly addresses = new Set<string>();

  constructor(readonly publicKey: Uint8Array) {}

  attach(options: CandidateAttachOptions) {
    return Node.attach({
      ...options,
      address: [...this.addresses].slice(0, TICKET_ADDRESSES_MAX),
      publicKey: this.publicKey,
      connections: 1,
      keepMs: 0,
    });
  }
}

/** Meeting by multicast DNS. */
export class LocalNetwork implements MeetingPlace {
  readonly name = NAME;
  readonly #settings: MulticastSettings;

  constructor(settings: MulticastSettings = {}) {
    this.#settings = settings;
  }

  async taken(
    { hostname }: SocketAddress,
    signal: AbortSignal,
  ): Promise<ReadonlySet<number>> {
    const tags = new Map<string, AnnouncedTag>();
    const stop = new AbortController();
    const until = AbortSignal.any([signal, stop.signal]);
    const browsing = browse(
      ({ instance, tag }) => {
        if (tag && tags.size < TAKEN_TAGS_MAX) tags.set(instance, tag);
      },
      until,
      // What others have where nobody reaches the node is no matter.
      interfacesAt(hostname, this.#settings),
    );
    // It ends early when the caller gives up.
    await Promise.race([browsing, delay(TAKEN_MS, { signal }).catch(() => {})]);
    stop.abort();
    await browsing;
    return numbersOf([...tags.values()]);
  }

  announce(
    { number, publicKey, address: { hostname, port } }: OfferedNumber,
  ): Promise<AsyncDisposable> {
    const salt = crypto.getRandomValues(new Uint8Array(SALT_LENGTH));
    const tag = { salt, tag: numberTag({ number }, salt) };
    return LocalService.start(
      { instance: randomToken(), port, publicKey, tag },
      interfacesAt(hostname, this.#settings),
    );
  }

  async find(
    number: number,
    onCandidate: (candidate: Candidate) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const candidates = new Map<string, LocalCandidate>();
    const onFound = ({ tag, publicKey, address }: LocalNode) => {
      if (!tag || !isTagOf({ number }, tag.salt, tag.tag)) return;
      const key = toHex(publicKey);
      const known = candidates.get(key);
      const candidate = known ?? new LocalCandidate(publicKey);
      candidate.addresses.add(address);
      candidates.set(key, candidate);
      if (known === undefined) onCandidate(candidate);
    };
    await browse(onFound, signal, this.#settings);
  }
}

/**
 * The numbers that tags stand for: all are tried, which is work that others
 * cause. Longer ones matter only when no short one is left.
 */
function numbersOf(tags: readonly AnnouncedTag[]): Set<number> {
  const numbers = new Set<number>();
  for (let number = 1; number <= CODE_NUMBER_MAX; number++) {
    if (number > SHORT_NUMBERS && numbers.size < SHORT_NUMBERS) break;
    if (tags.some(({ salt, tag }) => isTagOf({ number }, salt, tag))) {
      numbers.add(number);
    }
  }
  return numbers;
}
