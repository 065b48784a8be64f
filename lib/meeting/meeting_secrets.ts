/** What both ends of a meeting derive of a code: its public and its secret part. */

import { equals } from "@std/bytes/equals";
import { blake3 } from "@noble/hashes/blake3";
import type { Code } from "./code.ts";
import { type CpaceInputs, lengthValues } from "./cpace.ts";

/** Length of the salt of a tag, in bytes. */
export const SALT_LENGTH = 8;
/** Length of a tag, in bytes. */
export const TAG_LENGTH = 16;

const utf8 = (text: string) => new TextEncoder().encode(text);

const PSK_CONTEXT = utf8("net-transfer 2026-11-29 meeting PSK");
const TAG_CONTEXT = utf8("net-transfer 2026-11-29 meeting tag");
const CHANNEL = utf8("net-transfer meeting 1");

/**
 * The PSK that ends meet with. It is made of the public number alone, so it is
 * no secret: it keeps out only those who do not know what they look for.
 */
export function meetingPsk({ number }: Pick<Code, "number">): Uint8Array {
  return blake3(utf8(String(number)), { context: PSK_CONTEXT });
}

/**
 * What stands for a number where a share is looked for. The salt keeps tags of
 * one number from being alike; it does not hide the number, which is public.
 */
export function numberTag(
  { number }: Pick<Code, "number">,
  salt: Uint8Array,
): Uint8Array {
  return blake3(lengthValues(salt, utf8(String(number))), {
    context: TAG_CONTEXT,
    dkLen: TAG_LENGTH,
  });
}

/** Whether a tag stands for a number. */
export function isTagOf(
  code: Pick<Code, "number">,
  salt: Uint8Array,
  tag: Uint8Array,
): boolean {
  return equals(numberTag(code, salt), tag);
}

/** The two ends of a session, and the session. */
export interface MeetingChannel {
  /** X25519 static key of the end that gets the ticket. */
  readonly getter: Uint8Array;
  /** X25519 static key of the end that shares. */
  readonly sharer: Uint8Array;
  /** Hash of their handshake. */
  readonly handshakeHash: Uint8Array;
}

/**
 * What goes into CPace. The channel is made of both static keys and the
 * handshake: somebody in between has a session with each end, so that these
 * differ, and so do the keys that come of it.
 */
export function cpaceInputs(
  { number, words }: Code,
  { getter, sharer, handshakeHash }: MeetingChannel,
): CpaceInputs {
  return {
    secret: utf8([number, ...words].join("-")),
    channel: lengthValues(CHANNEL, getter, sharer),
    sessionId: handshakeHash,
  };
}
