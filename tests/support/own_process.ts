/**
 * Tests that change what all threads of a process share: its current directory,
 * its environment, its umask. `deno test --parallel` runs files as threads of one
 * process, so another file would start programs in a directory that is gone, or
 * read somebody else's configuration.
 */

import { assertEquals, assertMatch } from "@std/assert";
import { fromFileUrl } from "@std/path";

/** Set in the process that a test was started in for itself. */
const ALONE = "TEST_ALONE";

/**
 * Names a test that runs in a process of its own.
 *
 * @param file `import.meta.url` of the file that it is in.
 * @param what What it shows, or that and why it is skipped.
 * @param body The test.
 */
export function testAlone(
  file: string,
  what: string | { readonly name: string; readonly ignore: boolean },
  body: () => void | Promise<void>,
): void {
  const test = typeof what === "string" ? { name: what } : what;
  const fn = Deno.env.has(ALONE) ? body : () => runAlone(file, test.name);
  Deno.test({ ...test, fn });
}

async function runAlone(file: string, name: string): Promise<void> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "-A", "--quiet", "--no-check", "--filter", name]
      .concat(fromFileUrl(file)),
    env: { [ALONE]: "1", NO_COLOR: "1" },
  }).output();
  const said = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assertEquals(code, 0, said.join(""));
  assertMatch(said[0], /[1-9]\d* passed/);
}
