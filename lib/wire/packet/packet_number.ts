/** Truncated packet numbers (RFC 9000 §17.1 and Appendix A). */

/** Bytes a packet number takes on the wire. */
export type PacketNumberLength = 1 | 2 | 3 | 4;

/**
 * The fewest bytes from which a peer recovers `packetNumber` (RFC 9000 A.2).
 *
 * @param largestAcked The largest number the peer acknowledged, −1 for none.
 * @param least Bytes that it takes at least, up to 3.
 * @throws {RangeError} When 2^31 or more packets are unacknowledged.
 */
export function packetNumberLength(
  packetNumber: number,
  largestAcked: number,
  least: PacketNumberLength = 1,
): PacketNumberLength {
  const unacked = packetNumber - largestAcked;
  if (unacked <= 0x80 && least <= 1) return 1;
  if (unacked <= 0x8000 && least <= 2) return 2;
  if (unacked <= 0x80_0000) return 3;
  if (unacked <= 0x8000_0000) return 4;
  throw new RangeError(
    `Cannot number a packet: ${unacked} packets are unacknowledged`,
  );
}

/** Recovers a full packet number (RFC 9000 A.3). */
export function decodePacketNumber(
  largest: number,
  truncated: number,
  length: PacketNumberLength,
): number {
  const expected = largest + 1;
  const window = 2 ** (8 * length);
  const half = window / 2;
  const candidate = expected - (expected % window) + truncated;
  if (
    candidate <= expected - half &&
    candidate <= Number.MAX_SAFE_INTEGER - window
  ) {
    return candidate + window;
  }
  if (candidate > expected + half && candidate >= window) {
    return candidate - window;
  }
  return candidate;
}
