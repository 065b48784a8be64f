/** What a connection still has to tell its peer of addresses. */

import type { DirectPath } from "./direct_path.ts";
import {
  type HostAddress,
  writeAddresses,
  writeObserved,
} from "./packet/address_frame.ts";
import type { WireWriter } from "./packet/wire_buffer.ts";
import { sentControl, type SentFrame } from "./streams/sent_frame.ts";

/** The ADDRESSES and OBSERVED_ADDRESS frames of one connection. */
export class ToldAddresses {
  readonly #direct: DirectPath | undefined;
  readonly #observed: (() => HostAddress | undefined) | undefined;
  #owesObserved = false;

  /**
   * @param direct Has addresses to tell, if there is one.
   * @param observed Where the peer is seen, if it wants to know.
   */
  constructor(
    direct: DirectPath | undefined,
    observed: (() => HostAddress | undefined) | undefined,
  ) {
    this.#direct = direct;
    this.#observed = observed;
  }

  /** The peer has shown that it receives where packets go from now on. */
  onPath(): void {
    this.#owesObserved = this.#observed !== undefined;
  }

  get owed(): boolean {
    return this.#owesObserved || this.#direct?.owed !== undefined;
  }

  /** Writes what is owed, as far as it fits. */
  write(writer: WireWriter, frames: SentFrame[]): void {
    const addresses = this.#direct?.owed;
    if (addresses !== undefined && writeAddresses(writer, addresses)) {
      this.#direct!.owed = undefined;
      frames.push(sentControl("addresses", undefined, addresses.round));
    }
    if (!this.#owesObserved) return;
    const observed = this.#observed?.();
    if (observed !== undefined) {
      if (!writeObserved(writer, observed)) return;
      frames.push(sentControl("observed", undefined));
    }
    this.#owesObserved = false;
  }

  /** A packet with one of its frames is lost. */
  onLost({ kind, offset }: SentFrame): void {
    if (kind === "observed") this.onPath();
    else this.#direct?.onLost(offset);
  }
}
