import { TransferError } from "../../lib/errors.ts";
import { BlobLanding } from "../../lib/landing/blob_landing.ts";
import { blobRange } from "../../lib/landing/testing/trees.ts";
import { TempDir } from "../../scripts/temp_dir.ts";
import { onWindows } from "../support/unless.ts";
import type { Attack } from "./attack.ts";

/** Names that a landing uses beside its target. */
const PLANTED = ["out.partial", ".out.fetch_lock"];

export const attack: Attack = {
  name: "planted_names",
  claim:
    "A link planted under a fixed name in a sticky directory is neither followed nor written to.",
  lacks: () => Promise.resolve(onWindows),
  async run() {
    const broken: string[] = [];
    for (const name of PLANTED) {
      for (const plant of ["a link", "a hard link"]) {
        await using dir = await TempDir.make();
        const victim = await dir.write("victim", "precious");
        const parent = dir.at("parent");
        await Deno.mkdir(parent);
        await Deno.chmod(parent, 0o1777);
        const make = plant === "a link" ? Deno.symlink : Deno.link;
        await make(victim, `${parent}/${name}`);
        try {
          await using landing = await BlobLanding.open({
            out: `${parent}/out`,
          });
          await landing.write(blobRange(0, "abc"));
          await landing.commit(3);
        } catch (error) {
          if (!(error instanceof TransferError)) throw error;
        }
        if (await Deno.readTextFile(victim) !== "precious") {
          broken.push(`${plant} at ${name}`);
        }
      }
    }
    return {
      held: broken.length === 0,
      line: broken.length === 0
        ? "four planted names were refused, and what they lead to is as it was"
        : `written through ${broken.join(", ")}`,
    };
  },
};
