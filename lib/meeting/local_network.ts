import { delay } from "@std/async";
import { equals } from "@std/bytes/equals";
import { Node, type SocketAddress } from "../mesh/mod.ts";
import { CODE_NUMBER_MAX, TICKET_ADDRESSES_MAX } from "../limits.ts";
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
    const numbers = new Set<number>();
    const stop = new AbortController();
    const until = AbortSignal.any([signal, stop.signal]);
    const browsing = browse(
      ({ tag }) => {
        for (let number = 1; tag && number <= CODE_NUMBER_MAX; number++) {
          if (isTagOf({ number }, tag.salt, tag.tag)) numbers.add(number);
        }
      },
      until,
      // What others have where nobody reaches the node is no matter.
      interfacesAt(hostname, this.#settings),
    );
    // It ends early when the caller gives up.
    await Promise.race([browsing, delay(TAKEN_MS, { signal }).catch(() => {})]);
    stop.abort();
    await browsing;
    return numbers;
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

/** Whether two candidates are the same share. */
export function sameShare(a: Candidate, b: Candidate): boolean {
  return equals(a.publicKey, b.publicKey);
}
