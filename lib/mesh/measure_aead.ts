import { KEY_LENGTH, TAG_LENGTH } from "../wire/mod.ts";
import {
  type CipherNames,
  cipherNames,
  cryptoProvider,
} from "./aead_backend.ts";

/** Header bytes that are authenticated with it. */
const HEADER_BYTES = 11;
/** Packets between two looks at the clock. */
const AT_ONCE = 16;

/** How fast packets are sealed and opened here. */
export interface AeadFigures {
  /** What does it: for packets as they cross networks, and for large ones. */
  readonly backends: CipherNames;
  /** Bytes of packets in a second. */
  readonly sealRate: number;
  readonly openRate: number;
}

/** Bytes in a second that `work` gets through, for about `forMs` milliseconds. */
function rateOf(
  forMs: number,
  packetBytes: number,
  work: (counter: number) => void,
): number {
  const since = performance.now();
  let packets = 0;
  let elapsed = 0;
  while (elapsed < forMs) {
    for (let i = 0; i < AT_ONCE; i++) work(packets++);
    elapsed = performance.now() - since;
  }
  return packets * packetBytes / elapsed * 1000;
}

/** Measures how fast packets are sealed and opened, each for half of the time. */
export async function measureAead(
  forMs: number,
  packetBytes: number,
): Promise<AeadFigures> {
  const provider = await cryptoProvider();
  const aead = provider.chacha20Poly1305(
    provider.randomBytes(new Uint8Array(KEY_LENGTH)),
  );
  const header = new Uint8Array(HEADER_BYTES);
  const plaintext = new Uint8Array(packetBytes - HEADER_BYTES - TAG_LENGTH);
  const sealed = new Uint8Array(plaintext.length + TAG_LENGTH);
  const sealRate = rateOf(
    forMs / 2,
    packetBytes,
    (counter) => aead.seal(counter, header, plaintext, sealed),
  );
  aead.seal(0, header, plaintext, sealed);
  const openRate = rateOf(
    forMs / 2,
    packetBytes,
    () => aead.open(0, header, sealed),
  );
  return { backends: await cipherNames(), sealRate, openRate };
}
