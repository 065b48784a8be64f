import { assertEquals, assertMatch } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import config from "../../deno.json" with { type: "json" };
import { buildBinary } from "../../scripts/build.ts";
import { runProgram } from "../../scripts/holder_process.ts";
import { endToEnd, withDir } from "./end_to_end.ts";
import { unless } from "./unless.ts";

/** Beside the checkout: a script that prints the path of a `denort`. */
const DENORT_SCRIPT = "../shared/tools/denort";

/** Finds a runtime for compiled programs, which tests do not download. */
async function findDenort(): Promise<string | undefined> {
  const given = Deno.env.get("DENORT_BIN");
  if (given) return given;
  const root = new URL("../../", import.meta.url);
  const script: string = fromFileUrl(new URL(DENORT_SCRIPT, root));
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

Deno.test({
  ...unless(obstacle, "the compiled binary does its job"),
  fn: (t) =>
    withDir(async (dir) => {
      const { path } = await buildBinary({
        denort,
        out: join(dir, "net-transfer"),
      });
      await t.step("it knows its version and revision", async () => {
        const { code, stdout } = await runProgram([path], [
          ...["version", "--output", "json"],
        ]);
        const { cli_version, git_revision } = JSON.parse(stdout);
        assertEquals([code, cli_version], [0, config.version]);
        assertMatch(git_revision ?? "", /^(?:[0-9a-f]{40}(?:-dirty)?)?$/);
      });
      await endToEnd(t, [path]);
    }),
});
