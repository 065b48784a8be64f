/** What the sharing end hands over, sealed under the key of the exchange. */

import { ProtocolError } from "../errors.ts";

/** Of no meaning: each key seals one text. */
const NONCE = new Uint8Array(12);

const algorithm = { name: "AES-GCM", iv: NONCE };

function importKey(key: Uint8Array, usage: "encrypt" | "decrypt") {
  return crypto.subtle.importKey("raw", key.slice(), "AES-GCM", false, [usage]);
}

/**
 * Seals a text with AES-256-GCM.
 *
 * @param key 32 bytes, for this one text.
 */
export async function seal(key: Uint8Array, text: string): Promise<Uint8Array> {
  const plain = new TextEncoder().encode(text);
  const sealed = await crypto.subtle.encrypt(
    algorithm,
    await importKey(key, "encrypt"),
    plain,
  );
  plain.fill(0);
  return new Uint8Array(sealed);
}

/**
 * Opens what {@linkcode seal} made.
 *
 * @throws {ProtocolError} When it was made with another key, or changed.
 */
export async function unseal(
  key: Uint8Array,
  sealed: Uint8Array,
): Promise<string> {
  let plain: Uint8Array;
  try {
    plain = new Uint8Array(
      await crypto.subtle.decrypt(
        algorithm,
        await importKey(key, "decrypt"),
        sealed.slice(),
      ),
    );
  } catch (cause) {
    throw new ProtocolError("what the peer sent cannot be opened", { cause });
  }
  const text = new TextDecoder().decode(plain);
  plain.fill(0);
  return text;
}
