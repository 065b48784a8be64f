/**
 * Stateless resets (RFC 9000 §10.3): how a node that restarted tells a peer
 * that their connection is gone.
 *
 * A node answers only ids that it issued itself, in this life or an earlier
 * one: half of an id is random, half is a MAC of that half. So a port stays
 * silent to peers that make up ids.
 */

import { timingSafeEqual } from "@std/crypto/timing-safe-equal";
import type { CryptoProvider } from "../packet/aead.ts";
import { keyedBlake2s } from "./blake2s.ts";
import { MAC_LENGTH } from "./mac.ts";
import { CONNECTION_ID_LENGTH } from "../packet/packet_header.ts";

export const RESET_TOKEN_LENGTH = MAC_LENGTH;

const RANDOM_LENGTH = CONNECTION_ID_LENGTH / 2;
const encoder = new TextEncoder();
const TOKEN_LABEL = encoder.encode("net-transfer reset token");
const ID_LABEL = encoder.encode("net-transfer connection id");

/** Issues connection ids and the tokens that end them, for one static key. */
export class ResetTokens {
  readonly #tokenKey: Uint8Array;
  readonly #idKey: Uint8Array;

  /** Derives its keys, the same after every start. */
  constructor(staticSecret: Uint8Array) {
    this.#tokenKey = keyedBlake2s(staticSecret, 32, TOKEN_LABEL);
    this.#idKey = keyedBlake2s(staticSecret, 32, ID_LABEL);
  }

  /** A new connection id of 8 bytes; the caller checks that it is not in use. */
  newConnectionId(provider: CryptoProvider): Uint8Array {
    const id = new Uint8Array(CONNECTION_ID_LENGTH);
    provider.randomBytes(id.subarray(0, RANDOM_LENGTH));
    id.set(this.#check(id), RANDOM_LENGTH);
    return id;
  }

  /** Whether this node issued `connectionId`, now or before a restart. */
  isIssued(connectionId: Uint8Array): boolean {
    return timingSafeEqual(
      this.#check(connectionId),
      connectionId.subarray(RANDOM_LENGTH),
    );
  }

  /** The token that ends the connection of `connectionId`, 16 bytes. */
  tokenOf(connectionId: Uint8Array): Uint8Array {
    return keyedBlake2s(this.#tokenKey, RESET_TOKEN_LENGTH, connectionId);
  }

  #check(connectionId: Uint8Array): Uint8Array {
    const length = CONNECTION_ID_LENGTH - RANDOM_LENGTH;
    const random = connectionId.subarray(0, RANDOM_LENGTH);
    return keyedBlake2s(this.#idKey, length, random);
  }
}
