import { Mac1, mac1Key } from "./mac.ts";

/** What a pre-shared key is for, if not for all that the node offers. */
export type PskScope = "meeting";

/** A pre-shared key by which peers may attach: one object as long as they may. */
export interface AcceptedPsk {
  /** What it is called, for those who ask which one a peer has. */
  readonly name: string;
  /** 32 bytes. Its owner overwrites it when nobody may attach with it any more. */
  readonly secret: Uint8Array;
  /** What it is for: of no meaning to the handshake. */
  readonly scope?: PskScope;
}

/** The pre-shared keys that a responder takes, and the mac1 key of each. */
export class AcceptedPsks {
  readonly #publicKey: Uint8Array;
  readonly #macs = new Map<AcceptedPsk, Mac1>();

  /** @param publicKey That of the responder. */
  constructor(publicKey: Uint8Array, psks: Iterable<AcceptedPsk>) {
    this.#publicKey = publicKey;
    for (const psk of psks) this.add(psk);
  }

  /** How many there are: what a packet costs that was made with none of them. */
  get size(): number {
    return this.#macs.size;
  }

  add(psk: AcceptedPsk): void {
    const key = mac1Key(this.#publicKey, psk.secret);
    this.#macs.set(psk, new Mac1(key));
    key.fill(0);
  }

  /** Takes one no more, and overwrites what it keeps of it. */
  delete(psk: AcceptedPsk): void {
    this.#macs.get(psk)?.erase();
    this.#macs.delete(psk);
  }

  /** Overwrites what it keeps of all. */
  erase(): void {
    for (const mac of this.#macs.values()) mac.erase();
    this.#macs.clear();
  }

  /**
   * The one that `mac1` of a packet was made with. All are tried, whichever it
   * is: when the answer comes does not tell which.
   */
  find(covered: Uint8Array, mac1: Uint8Array): AcceptedPsk | undefined {
    let found: AcceptedPsk | undefined;
    for (const [psk, mac] of this.#macs) {
      if (mac.verify(covered, mac1)) found = psk;
    }
    return found;
  }
}
