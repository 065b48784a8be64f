/** Tests that not every machine can run. */

/**
 * Names a test that is skipped where something is in its way. The reason
 * becomes part of the name: a quiet run hides what a module prints, but not the
 * names of its tests.
 *
 * @param obstacle What is in its way, if anything.
 * @param name What the test shows.
 */
export function unless(
  obstacle: string | undefined,
  name: string,
): { name: string; ignore: boolean } {
  return obstacle === undefined
    ? { name, ignore: false }
    : { name: `${name} (skipped: ${obstacle})`, ignore: true };
}

/** The obstacle to tests on an address of IPv6: containers often have none. */
export const withoutIpv6: string | undefined = whyNoIpv6();

function whyNoIpv6(): string | undefined {
  try {
    Deno.listen({ hostname: "::1", port: 0 }).close();
    return undefined;
  } catch {
    return "no IPv6 here";
  }
}

/** The obstacle to tests of modes, links, pipes and signals. */
export const onWindows: string | undefined = Deno.build.os === "windows"
  ? "not on Windows"
  : undefined;
