/** Beside the checkout: a script that prints the path of a `denort`. */

import { assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import config from "../../deno.json" with { type: "json" };
import { buildBinary } from "../../scripts/build.ts";
import { noise } from "../../scripts/make_tree.ts";
import { ROOT, runProgram, words } from "../../scripts/program.ts";
import { pathsIn, test } from "../support/cli.ts";
import { endToEnd } from "../support/end_to_end.ts";
import { unless } from "../support/unless.ts";

const DENORT_SCRIPT = "../shared/tools/denort";

/** Finds a runtime for compiled programs, which tests do not download. */
async function findDenort(): Promise<string | undefined> {
  const given = Deno.env.get("DENORT_BIN");
  if (given) return given;
  const script = join(ROOT, DENORT_SCRIPT);
  try {
    const { success, stdout } = await new Deno.Command(script).output();
    return success ? new TextDecoder().decode(stdout).trim() : undefined;
  } catch {
    return undefined;
  }
}

const denort = await findDenort();
const obstacle = denort === undefined
  ? "no denort to compile with, name one in DENORT_BIN"
  : undefined;

test(
  unless(obstacle, "the compiled binary does its job"),
  async (dir, t) => {
    const { path } = await buildBinary({
      denort,
      out: dir.at("net-transfer"),
    });
    await t.step("it knows its version and revision", async () => {
      const { code, stdout } = await runProgram(
        [path],
        words`version --output json`,
      );
      const { cli_version, git_revision } = JSON.parse(stdout);
      assertEquals([code, cli_version], [0, config.version]);
      assertMatch(git_revision ?? "", /^(?:[0-9a-f]{40}(?:-dirty)?)?$/);
    });
    await t.step(
      "it keeps nothing to load where others may put files",
      async () => {
        const [file, TMPDIR] = await Promise.all([
          dir.write("large", noise(40_000_000, 1)),
          dir.mkdir("temporary"),
        ]);
        const { code, stderr } = await runProgram(
          [path],
          words`send-blob ${file} --no-hash-cache`,
          { env: { TMPDIR } },
        );
        assertEquals([code, stderr, await pathsIn(TMPDIR)], [0, "", []]);
      },
    );
    await endToEnd(t, dir, [path]);
  },
);
