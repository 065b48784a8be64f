import { assertEquals, assertThrows } from "@std/assert";
import { TempDir } from "../../scripts/temp_dir.ts";
import { onWindows, unless } from "../../tests/support/unless.ts";
import { UsageError } from "../errors.ts";
import { requireSafeTarget } from "./safe_target.ts";

Deno.test(
  unless(
    onWindows,
    "a link at a target counts only with a separator behind it, one above it always",
  ),
  async () => {
    await using dir = await TempDir.make();
    const real = await Deno.realPath(dir.path);
    await dir.mkdir("open");
    await dir.mkdir("safe");
    await Deno.chmod(dir.at("open"), 0o777);
    await Deno.symlink("../safe", dir.at("open", "way"));
    await Deno.symlink("open/way", dir.at("link"));
    const site = `${real}/safe`;
    const refused = (typed: string) => {
      const judge = () => requireSafeTarget(typed, site, {});
      assertEquals(assertThrows(judge, UsageError).fields.path, `${real}/open`);
    };
    requireSafeTarget(`${real}/link`, real, {});
    refused(`${real}/link/`);
    refused(`${real}/link/out`);
    requireSafeTarget(`${real}/link/out`, site, { trustParent: true });
  },
);
