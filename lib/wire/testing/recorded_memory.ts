/**
 * Records what code allocates, for tests that look at it afterwards: secrets
 * that are of no more use must have been overwritten wherever they were.
 */

import { indexOfNeedle } from "@std/bytes/index-of-needle";
import { toHex } from "../../text/hex.ts";
import type { Aead, AeadFactory, CryptoProvider } from "../packet/aead.ts";

/** Arrays of so many bytes are MACs and ids: keys have 32. */
const SHORT = 16;

type Words = Uint8Array | Int32Array | Uint32Array;

/** Records arrays while code runs that it is given. */
export class RecordedMemory {
  readonly #arrays = new Set<Words>();
  readonly #ciphers = new Set<Aead>();
  #isRecording = false;

  /** Runs synchronous code and records each array that it makes. */
  record<T>(run: () => T): T {
    const restore = this.#begin();
    try {
      return run();
    } finally {
      restore();
    }
  }

  /** The same with code that waits; nothing else may run meanwhile. */
  async recordAsync<T>(run: () => Promise<T>): Promise<T> {
    const restore = this.#begin();
    try {
      return await run();
    } finally {
      restore();
    }
  }

  #begin(): () => void {
    const replaced = [Uint8Array, Int32Array, Uint32Array] as const;
    const prototype = Object.getPrototypeOf(Uint8Array.prototype);
    const { slice } = prototype;
    const note = <W>(made: W) => this.#note(made);
    for (const type of replaced) {
      Object.assign(globalThis, {
        [type.name]: new Proxy(type, {
          construct: (target, args) => note(Reflect.construct(target, args)),
        }),
      });
    }
    prototype.slice = function (...range: number[]) {
      return note(slice.apply(this, range));
    };
    this.#isRecording = true;
    return () => {
      this.#isRecording = false;
      prototype.slice = slice;
      for (const type of replaced) {
        Object.assign(globalThis, { [type.name]: type });
      }
    };
  }

  /** The same provider: what it does itself is not recorded, what it gives is. */
  watch(provider: CryptoProvider): CryptoProvider {
    return {
      ...provider,
      chacha20Poly1305: this.#watchAead(provider.chacha20Poly1305),
      x25519: (secret, point) =>
        this.#given(() => provider.x25519(secret, point)),
      randomBytes: (target) => this.#given(() => provider.randomBytes(target)),
    };
  }

  /**
   * What is left, as text: arrays that hold anything but zeros and what is
   * allowed to stay, short ones left out, and ciphers that still have their keys.
   */
  left(...allowed: readonly Uint8Array[]): string[] {
    const arrays = Array.from(this.#arrays, bytesOf).filter((bytes) =>
      bytes.length > SHORT && bytes.some((byte) => byte !== 0) &&
      !allowed.some((known) => indexOfNeedle(known, bytes) >= 0)
    );
    const ciphers = Array.from(this.#ciphers, () => "the key of a cipher");
    return [...arrays.map(toHex), ...ciphers];
  }

  #note<T>(made: T): T {
    if (this.#isRecording) this.#arrays.add(made as Words);
    return made;
  }

  #given<T>(run: () => T): T {
    const before = this.#isRecording;
    this.#isRecording = false;
    let given: T;
    try {
      given = run();
    } finally {
      this.#isRecording = before;
    }
    return given === undefined ? given : this.#note(given);
  }

  #watchAead(factory: AeadFactory): AeadFactory {
    return (key) => {
      const aead = this.#given(() => factory(key));
      this.#arrays.delete(aead as unknown as Words);
      const watched: Aead = {
        seal: (...values) => {
          this.#given(() => aead.seal(...values));
        },
        open: (...values) => this.#given(() => aead.open(...values)),
        erase: () => {
          aead.erase();
          this.#ciphers.delete(watched);
        },
      };
      this.#ciphers.add(watched);
      return watched;
    };
  }
}

/** Its bytes; none when the runtime has taken its memory away. */
function bytesOf(array: Words): Uint8Array {
  if (array.byteLength === 0) return new Uint8Array();
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
