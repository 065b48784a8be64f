/**
 * Seals and opens transport packets and changes their keys.
 *
 * Each direction rekeys by itself with Noise REKEY (§4.2, §11.3); the key-phase
 * bit of the header names the key, as in RFC 9001 §6.
 */

import {
  AEAD_FAILURES_MAX,
  KEY_CHANGES_MAX,
  KEY_PACKETS_MAX,
  REKEY_EARLIEST,
  REKEY_MS,
  REKEY_PACKETS,
} from "../../limits.ts";
import {
  type Aead,
  type AeadFactory,
  type AeadName,
  type CryptoProvider,
  rekey,
} from "./aead.ts";
import type { KeyPhase } from "./packet_header.ts";
import { TransportError, TransportErrorCode } from "./transport_error.ts";

/** How many PTOs a key change waits for the last one, and an old key lives. */
const KEY_LIFE_PTO = 3;
/** The PTO of a path that has not been measured, in milliseconds (RFC 9002 §6.2.2). */
const INITIAL_PTO_MS = 999;

/** When keys change; the defaults are those of `limits.ts`. */
export interface KeyLimits {
  /** Packets sealed with one key before a rekey. @default {REKEY_PACKETS} */
  readonly rekeyPackets?: number;
  /** Milliseconds one key is used before a rekey. @default {REKEY_MS} */
  readonly rekeyMs?: number;
  /** Packets sealed with one key at the very most. @default {KEY_PACKETS_MAX} */
  readonly keyPackets?: number;
  /** Forged packets after which the connection closes. @default {AEAD_FAILURES_MAX} */
  readonly failures?: number;
}

/** What {@linkcode PacketProtection} starts from: the end of a handshake. */
interface PacketProtectionOptions {
  /** The packet AEAD both ends agreed on. */
  readonly aead: AeadName;
  readonly provider: Pick<CryptoProvider, "chacha20Poly1305" | "aes256Gcm">;
  /** The first key of this side, 32 bytes. */
  readonly sendKey: Uint8Array;
  /** The first key of the peer, 32 bytes. */
  readonly receiveKey: Uint8Array;
  /** Other limits, for tests. */
  readonly limits?: KeyLimits;
}

/**
 * The implementation of an AEAD.
 *
 * @throws {RangeError} When the provider lacks it: only a name it has was offered.
 */
function aeadFactory(
  provider: PacketProtectionOptions["provider"],
  name: AeadName,
): AeadFactory {
  const factory = name === "aes-256-gcm"
    ? provider.aes256Gcm
    : provider.chacha20Poly1305;
  if (factory === undefined) {
    throw new RangeError(`Cannot protect packets: no ${name} on this machine`);
  }
  return factory;
}

/** The packet keys of one connection, both directions. Times are milliseconds. */
export class PacketProtection {
  readonly #factory: AeadFactory;
  readonly #limits: Required<KeyLimits>;
  #pto = INITIAL_PTO_MS;

  #sendKey: Uint8Array;
  #sendAead: Aead;
  /** The bit to put into the header of the next packet. */
  sendKeyPhase: KeyPhase = 0;
  #sealed = 0;
  /** First packet number and time of the current sending key. */
  #sendFirst = 0;
  #sendSince: number | undefined;
  #sendAcked = false;

  #receiveKey: Uint8Array;
  #receiveAead: Aead;
  #receivePhase: KeyPhase = 0;
  #highest = -1;
  /** Lowest packet number the current receiving key opened. */
  #receiveFirst = Number.MAX_SAFE_INTEGER;
  /** Packets that it opened, and since when. */
  #opened = 0;
  #openedSince: number | undefined;
  /** How often the peer may change it beyond what it earns. */
  #changesLeft = KEY_CHANGES_MAX;
  #nextKey: Uint8Array | undefined;
  #nextAead: Aead | undefined;
  #previousAead: Aead | undefined;
  #previousUntil = 0;
  #failures = 0;

  constructor(options: PacketProtectionOptions) {
    this.#factory = aeadFactory(options.provider, options.aead);
    this.#limits = {
      rekeyPackets: REKEY_PACKETS,
      rekeyMs: REKEY_MS,
      keyPackets: KEY_PACKETS_MAX,
      failures: AEAD_FAILURES_MAX,
      ...options.limits,
    };
    this.#sendKey = options.sendKey.slice();
    this.#sendAead = this.#factory(this.#sendKey);
    this.#receiveKey = options.receiveKey.slice();
    this.#receiveAead = this.#factory(this.#receiveKey);
  }

  /**
   * Seals one packet.
   *
   * @param packetNumber Higher than every one before.
   * @param header The encoded header, with {@linkcode sendKeyPhase} in it.
   * @param plaintext The frames; may be the first bytes of `out`.
   * @param out Exactly `plaintext.length + TAG_LENGTH` bytes.
   * @throws {TransportError} AEAD_LIMIT_REACHED when the peer acknowledges so
   * little that the key cannot be changed in time.
   */
  seal(
    now: number,
    packetNumber: number,
    header: Uint8Array,
    plaintext: Uint8Array,
    out: Uint8Array,
  ): void {
    if (this.#sealed >= this.#limits.keyPackets) {
      throw new TransportError(
        TransportErrorCode.AEAD_LIMIT_REACHED,
        `${this.#sealed} packets were sealed with one key and none acknowledged`,
      );
    }
    if (this.#sendSince === undefined) {
      this.#sendSince = now;
      this.#sendFirst = packetNumber;
    }
    this.#sealed++;
    this.#sendAead.seal(packetNumber, header, plaintext, out);
  }

  /**
   * Notes that the peer acknowledged a packet: it has the key that sealed it.
   *
   * @param packetNumber The largest number newly acknowledged is enough.
   */
  onAcked(packetNumber: number): void {
    if (this.#sendSince !== undefined && packetNumber >= this.#sendFirst) {
      this.#sendAcked = true;
    }
  }

  /**
   * Changes the sending key when it is due and the peer can follow. Call it
   * before a packet is built, since the header names the key.
   *
   * @param pto The current probe time-out; also how a receiving key that was
   * replaced is aged.
   */
  maybeRekey(now: number, pto: number): void {
    this.#pto = pto;
    if (this.#previousAead !== undefined && now >= this.#previousUntil) {
      this.#previousAead.erase();
      this.#previousAead = undefined;
    }
    if (this.#sendSince === undefined || !this.#sendAcked) return;
    const age = now - this.#sendSince;
    const due = this.#sealed >= this.#limits.rekeyPackets ||
      age >= this.#limits.rekeyMs;
    if (!due || age < KEY_LIFE_PTO * pto) return;
    const next = rekey(this.#factory, this.#sendKey);
    this.#sendKey.fill(0);
    this.#sendKey = next;
    this.#sendAead.erase();
    this.#sendAead = this.#factory(next);
    this.sendKeyPhase = this.sendKeyPhase ? 0 : 1;
    this.#sealed = 0;
    this.#sendSince = undefined;
    this.#sendAcked = false;
  }

  /**
   * Opens one packet; replays are the caller's to refuse.
   *
   * @returns The frames in memory of their own, `undefined` for a forgery.
   * @throws {TransportError} AEAD_LIMIT_REACHED after too many forgeries,
   * KEY_UPDATE_ERROR when the peer has changed its key far too soon.
   */
  open(
    now: number,
    keyPhase: KeyPhase,
    packetNumber: number,
    header: Uint8Array,
    sealed: Uint8Array,
  ): Uint8Array | undefined {
    let plaintext: Uint8Array | undefined;
    if (keyPhase === this.#receivePhase) {
      plaintext = this.#receiveAead.open(packetNumber, header, sealed);
      if (plaintext !== undefined && packetNumber < this.#receiveFirst) {
        this.#receiveFirst = packetNumber;
      }
    } else if (packetNumber > this.#highest) {
      plaintext = this.#openWithNext(now, packetNumber, header, sealed);
    } else if (
      this.#previousAead !== undefined && now < this.#previousUntil &&
      packetNumber < this.#receiveFirst
    ) {
      plaintext = this.#previousAead.open(packetNumber, header, sealed);
    }
    if (plaintext === undefined) {
      this.#countFailure();
      return undefined;
    }
    if (packetNumber > this.#highest) this.#highest = packetNumber;
    this.#opened++;
    this.#openedSince ??= now;
    return plaintext;
  }

  #openWithNext(
    now: number,
    packetNumber: number,
    header: Uint8Array,
    sealed: Uint8Array,
  ): Uint8Array | undefined {
    // Kept between forgeries, so that each costs no more than any other.
    this.#nextKey ??= rekey(this.#factory, this.#receiveKey);
    this.#nextAead ??= this.#factory(this.#nextKey);
    const plaintext = this.#nextAead.open(packetNumber, header, sealed);
    if (plaintext === undefined) return undefined;
    this.#refuseHaste(now);
    this.#previousAead?.erase();
    this.#previousAead = this.#receiveAead;
    this.#previousUntil = now + KEY_LIFE_PTO * this.#pto;
    this.#receiveKey.fill(0);
    this.#receiveKey = this.#nextKey;
    this.#receiveAead = this.#nextAead;
    this.#receivePhase = this.#receivePhase ? 0 : 1;
    this.#receiveFirst = packetNumber;
    this.#opened = 0;
    this.#openedSince = now;
    this.#nextKey = undefined;
    this.#nextAead = undefined;
    return plaintext;
  }

  /** Refuses changes of the key that come far more often than our own would. */
  #refuseHaste(now: number): void {
    const { rekeyPackets, rekeyMs } = this.#limits;
    const age = now - (this.#openedSince ?? now);
    const earned = (this.#opened / rekeyPackets + age / rekeyMs) /
      REKEY_EARLIEST;
    this.#changesLeft = Math.min(KEY_CHANGES_MAX, this.#changesLeft + earned) -
      1;
    if (this.#changesLeft >= 0) return;
    throw new TransportError(
      TransportErrorCode.KEY_UPDATE_ERROR,
      "the peer changes its key too often",
    );
  }

  /** Overwrites all keys: nothing is sealed or opened from now on. */
  erase(): void {
    this.#sealed = Infinity;
    for (const key of [this.#sendKey, this.#receiveKey, this.#nextKey]) {
      key?.fill(0);
    }
    this.#sendAead.erase();
    this.#receiveAead.erase();
    this.#nextAead?.erase();
    this.#previousAead?.erase();
  }

  #countFailure(): void {
    this.#failures++;
    if (this.#failures >= this.#limits.failures) {
      throw new TransportError(
        TransportErrorCode.AEAD_LIMIT_REACHED,
        `${this.#failures} received packets were not authentic`,
      );
    }
  }
}
