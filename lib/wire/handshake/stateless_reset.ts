/**
 * Stateless resets (RFC 9000 §10.3): how a node that restarted tells a peer
 * that their connection is gone.
 *
 * A node answers only ids that it issued itself on the same port, in this life
 * or an earlier one: half of an id is random, half is a MAC of that half. So a
 * port stays silent to peers that make up ids, and what another process of the
 * same identity issued is none of its business: else who sees an id could have
 * it sign the end of a connection that is alive (RFC 9000 §21.11). A token is
 * for one address of the peer, too: to another one it is worth nothing.
 */

import { concat } from "@std/bytes/concat";
import { timingSafeEqual } from "@std/crypto/timing-safe-equal";
import type { CryptoProvider } from "../packet/aead.ts";
import { forgetDigest, keyedBlake2s } from "./blake2s.ts";
import { MAC_LENGTH } from "./mac.ts";
import { CONNECTION_ID_LENGTH } from "../packet/packet_header.ts";
import type { RemoteAddress } from "../packet/remote_address.ts";

export const RESET_TOKEN_LENGTH = MAC_LENGTH;

const RANDOM_LENGTH = CONNECTION_ID_LENGTH / 2;
const encoder = new TextEncoder();
const TOKEN_LABEL = encoder.encode("net-transfer reset token");
const ID_LABEL = encoder.encode("net-transfer connection id");

/** Issues connection ids and the tokens that end them, for one static key and port. */
export class ResetTokens {
  readonly #tokenKey: Uint8Array;
  readonly #idKey: Uint8Array;

  /** Derives its keys, the same after every start on `port`. */
  constructor(staticSecret: Uint8Array, port: number) {
    const scope = encoder.encode(` of port ${port}`);
    const derive = (label: Uint8Array) =>
      keyedBlake2s(staticSecret, 32, concat([label, scope]));
    this.#tokenKey = derive(TOKEN_LABEL);
    this.#idKey = derive(ID_LABEL);
    forgetDigest();
  }

  /** Overwrites its keys: it is of no more use. */
  erase(): void {
    this.#tokenKey.fill(0);
    this.#idKey.fill(0);
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

  /** The token that ends the connection of `connectionId` with `peer`, 16 bytes. */
  tokenOf(connectionId: Uint8Array, peer: RemoteAddress): Uint8Array {
    const address = encoder.encode(` ${peer.hostname} ${peer.port}`);
    const covered = concat([connectionId, address]);
    return keyedBlake2s(this.#tokenKey, RESET_TOKEN_LENGTH, covered);
  }

  #check(connectionId: Uint8Array): Uint8Array {
    const length = CONNECTION_ID_LENGTH - RANDOM_LENGTH;
    const random = connectionId.subarray(0, RANDOM_LENGTH);
    return keyedBlake2s(this.#idKey, length, random);
  }
}
