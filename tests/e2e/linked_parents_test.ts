import { join } from "@std/path";
import { sourceProgram } from "../../scripts/program.ts";
import { TempDir } from "../../scripts/temp_dir.ts";
import { test } from "../support/cli.ts";
import { endToEnd } from "../support/end_to_end.ts";
import { onWindows, unless } from "../support/unless.ts";

test(
  unless(onWindows, "everything works below a link, as /tmp is on a Mac"),
  async (dir, t) => {
    await dir.mkdir("real/deep");
    await Deno.symlink("real", dir.at("relative"));
    await Deno.symlink(dir.at("relative"), dir.at("link"));
    await using linked = await TempDir.make(join(dir.at("link"), "deep"));
    await endToEnd(t, linked, sourceProgram());
  },
);
