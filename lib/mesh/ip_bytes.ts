function ipv6Groups(literal: string): number[] {
  // The URL parser writes the canonical form, without dotted decimals.
  const canonical = new URL(`http://[${literal}]/`).hostname.slice(1, -1);
  const [head, tail] = canonical.split("::").map((part) =>
    part.split(":").filter(Boolean).map((group) => parseInt(group, 16))
  );
  if (tail === undefined) return head;
  return [...head, ...Array(8 - head.length - tail.length).fill(0), ...tail];
}

/** The 4 or 16 bytes of an IP literal, whose zone does not count. */
export function ipBytes(hostname: string): Uint8Array {
  const [literal] = hostname.split("%");
  if (!literal.includes(":")) {
    return Uint8Array.from(literal.split("."), Number);
  }
  return Uint8Array.from(
    ipv6Groups(literal).flatMap((group) => [group >> 8, group & 0xff]),
  );
}

/** The literal of the 4 or 16 bytes of an IP address, in its canonical form. */
export function ipText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  const groups = Array.from(
    { length: 8 },
    (_, i) => ((bytes[2 * i] << 8) | bytes[2 * i + 1]).toString(16),
  );
  return new URL(`http://[${groups.join(":")}]/`).hostname.slice(1, -1);
}
