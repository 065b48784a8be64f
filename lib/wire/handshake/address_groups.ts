/**
 * Which addresses count as one sender, since who has one has all of them: an
 * IPv4 address, and an IPv6 network.
 */

/** The groups of 16 bits of an IPv6 literal without a zone. */
function groupsOf(literal: string): string[] {
  const [head, tail] = literal.split("::").map((part) =>
    part.split(":").filter((group) => group !== "")
  );
  if (tail === undefined) return head;
  const missing = Math.max(0, 8 - head.length - tail.length);
  return [...head, ...new Array<string>(missing).fill("0"), ...tail];
}

/**
 * The networks an address belongs to, the smallest first: itself for IPv4, /64
 * and /56 for IPv6, which is what a host and a household get. Link-local
 * addresses are of one machine each, and names of a relay are not addresses.
 */
export function addressGroups(hostname: string): readonly string[] {
  if (!hostname.includes(":")) return [hostname];
  const [literal] = hostname.split("%");
  if (/^fe[89ab]/i.test(literal)) return [hostname];
  const mapped = /^::ffff:([0-9.]+)$/i.exec(literal);
  if (mapped !== null) return [mapped[1]];
  const groups = groupsOf(literal).slice(0, 4)
    .map((group) => parseInt(group, 16));
  const network = groups.slice(0, 3).join(":");
  return [`${network}:${groups[3]}/64`, `${network}:${groups[3] >> 8}/56`];
}
