/**
 * The stateless reset of a peer (RFC 9000 §10.3.1), as the end of its connection
 * sees it.
 */

import { timingSafeEqual } from "@std/crypto/timing-safe-equal";
import { HALF_OPEN_MS } from "../limits.ts";
import type { ConnectionClose } from "./connection_options.ts";

/** Knows the token of a connection, as long as that lives. */
export class PeerReset {
  readonly #token: Uint8Array | undefined;
  readonly #since: number;

  /**
   * @param token What the peer gave out, copied; it gives out none behind a relay.
   * @param since When the connection began, in milliseconds.
   */
  constructor(token: Uint8Array | undefined, since: number) {
    this.#token = token?.slice();
    this.#since = since;
  }

  /** Whether a reset is the peer's. */
  isGenuine(token: Uint8Array): boolean {
    return this.#token !== undefined && timingSafeEqual(this.#token, token);
  }

  /** Overwrites the token of a connection that has ended. */
  erase(): void {
    this.#token?.fill(0);
  }

  /**
   * Why the peer does not know the connection any more: that is not in its reset.
   *
   * @param received Packets that have come of it.
   * @param isExpired Whether none has for its idle time-out.
   */
  cause(
    now: number,
    received: number,
    isExpired: boolean,
  ): Pick<ConnectionClose, "by" | "reason"> {
    if (received === 0 && now - this.#since >= HALF_OPEN_MS) {
      const reason = "none of our packets had reached the peer in time";
      return { by: "timeout", reason };
    }
    if (isExpired) {
      const reason = "the peer has given the session up meanwhile";
      return { by: "timeout", reason };
    }
    const reason = "the peer has restarted and forgotten the session";
    return { by: "reset", reason };
  }
}
