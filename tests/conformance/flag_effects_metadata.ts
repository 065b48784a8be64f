/** The flags of what lies beside the content of a tree. */

import { type FlagEffect, type FlagEffects, seenWith } from "./flag_effect.ts";
import { parseRef } from "../../lib/content/mod.ts";
import { toHex } from "../../lib/text/hex.ts";
import { type Place, until } from "./place.ts";
import { words } from "../../scripts/program.ts";

/** Publishes something in the store that is served; gives its reference. */
async function publish(
  place: Place,
  verb: "send-blob" | "send-dir",
  path: string,
): Promise<string> {
  const { stdout } = await place
    .run`${verb} ${path} --store ${place.liveStore} --output json`;
  const { blob_ref, remote_ref } = JSON.parse(stdout);
  return blob_ref ?? remote_ref;
}

/** A small tree with a link out of it, a private and a set-user-id file. */
async function sourceTree(place: Place): Promise<string> {
  const dir = place.at("..", "metadata");
  await Deno.remove(dir, { recursive: true }).catch(() => {});
  await Deno.mkdir(dir);
  await place.write("../metadata/private", "x");
  await Deno.chmod(await place.write("../metadata/setid", "x"), 0o4755);
  return dir;
}

/** What a fetch makes of a file's mode. */
function mode(flag: string, name: string, how: string): FlagEffect {
  return seenWith(how, [flag], async (place, more) => {
    const ref = await publish(place, "send-dir", await sourceTree(place));
    // An equal tree would be left as it is.
    const out = `out${more.length}`;
    await place.recvDir(ref, out, ...more);
    return await place.mode(out, name);
  });
}

/** Whether zeros take room on the disk. */
function sparse(verb: "recv-blob" | "recv-dir"): FlagEffects {
  const to = verb === "recv-blob" ? "--blob-ref" : "--remote-ref";
  const fetch = async (place: Place, more: readonly string[]) => {
    await Deno.mkdir(place.at("zeros"), { recursive: true });
    await Deno.writeFile(place.at("zeros", "z"), new Uint8Array(1_000_000));
    const ref = verb === "recv-blob"
      ? await publish(place, "send-blob", place.at("zeros", "z"))
      : await publish(place, "send-dir", place.at("zeros"));
    // An equal tree would be left as it is.
    const out = `out${more.length}`;
    const finished = await place.run`${verb} ${to} ${ref} --out
      ${place.at(out)} ${place.attach()} ${more}`;
    return { finished, file: verb === "recv-blob" ? [out] : [out, "z"] };
  };
  return {
    [`${verb} --no-sparse`]: seenWith(
      "zeros take their room on the disk",
      ["--no-sparse"],
      async (place, more) => {
        const { file } = await fetch(place, more);
        return ((await Deno.stat(place.at(...file))).blocks ?? 0) > 1000;
      },
    ),
    [`${verb} --sparse`]: seenWith(
      "the default, said aloud: --no-sparse beside it is refused",
      ["--sparse"],
      async (place, more) =>
        (await fetch(place, words`--no-sparse ${more}`)).finished.code,
    ),
  };
}

/** Whether what an earlier run left is used, right as it is. */
function resume(verb: "recv-blob" | "recv-dir"): FlagEffects {
  const fetch = async (place: Place, more: readonly string[]) => {
    const out = place.at("out");
    const [to, ref] = verb === "recv-blob"
      ? ["--blob-ref", place.refs.large]
      : ["--remote-ref", place.refs.tree];
    const line = words`${verb} ${to} ${ref} --out ${out} ${place.attach()}`;
    if (verb === "recv-blob") {
      await Deno.copyFile(place.source("large.bin"), place.at("out.partial"));
      await Deno.chmod(place.at("out.partial"), 0o600);
    } else {
      await place.run`${line}`;
      // A small manifest is one chunk, and its hash what it is named by.
      const manifest = parseRef(ref);
      const hash = manifest.kind === "small" ? toHex(manifest.hash) : "";
      await Deno.rename(out, place.at(`.out.fetch_${hash.slice(0, 16)}`));
    }
    const { code, stdout } = await place.run`${line} ${more}`;
    await Deno.remove(out, { recursive: true }).catch(() => {});
    return { code, resumed: stdout !== "" && JSON.parse(stdout).resumed };
  };
  return {
    [`${verb} --no-resume`]: seenWith(
      "what an earlier run left is fetched again",
      ["--no-resume"],
      fetch,
    ),
    [`${verb} --resume`]: seenWith(
      "the default, said aloud: --no-resume beside it is refused",
      ["--resume"],
      async (place, more) =>
        (await fetch(place, words`--no-resume ${more}`)).code,
    ),
  };
}

/** What becomes of a fetch to a target that another process holds. */
function wait(verb: "recv-blob" | "recv-dir"): FlagEffects {
  return {
    [`${verb} --wait`]: seenWith(
      "it begins when the other one has ended",
      ["--wait"],
      async (place, more) => {
        const out = place.at("held");
        const first = place.start`recv-blob --out ${out} --blob-ref
          ${place.hostile.stallingBlob()} ${place.hostile.attach()}`;
        await until(async () => await place.size("held.partial") !== null);
        const ref = verb === "recv-dir" ? place.refs.tree : place.refs.small;
        const to = verb === "recv-dir" ? "--remote-ref" : "--blob-ref";
        const second = place.run`${verb} ${to} ${ref} --out ${out}
          ${place.attach()} ${more}`;
        // One that does not wait is to see the other.
        if (more.length === 0) await second;
        first.kill("SIGKILL");
        await first.output();
        const { code } = await second;
        await Deno.remove(out, { recursive: true }).catch(() => {});
        await Deno.remove(`${out}.partial`).catch(() => {});
        return code;
      },
    ),
  };
}

/** Where everybody may write nothing is written, unless that is said. */
function trust(verb: "recv-blob" | "recv-dir"): FlagEffects {
  return {
    [`${verb} --trust-parent`]: seenWith(
      "it lands below a directory that everybody may write to",
      ["--trust-parent"],
      async (place, more) => {
        const ref = verb === "recv-dir" ? place.refs.tree : place.refs.small;
        const to = verb === "recv-dir" ? "--remote-ref" : "--blob-ref";
        await Deno.mkdir(place.at("open"), { recursive: true });
        await Deno.chmod(place.at("open"), 0o777);
        const { code } = await place.run`${verb} ${to} ${ref} --out
          ${place.at("open", "out")} ${place.attach()} ${more}`;
        return code;
      },
    ),
  };
}

/** The effects. */
export const METADATA_FLAG_EFFECTS: FlagEffects = {
  "recv-dir --links": seenWith(
    "a tree with a link that leads out of it is made",
    ["--links", "keep"],
    async (place, more) => {
      const dir = await sourceTree(place);
      await Deno.symlink("../out", `${dir}/link`);
      const ref = await publish(place, "send-dir", dir);
      return (await place.recvDir(ref, "out", ...more)).code;
    },
  ),
  "recv-dir --in-place": seenWith(
    "the directory that is there stays the same one",
    ["--in-place"],
    async (place, more) => {
      await place.oldTree();
      const { ino } = await Deno.lstat(place.at("out"));
      const ref = await publish(place, "send-dir", await sourceTree(place));
      await place.recvDir(ref, "out", ...more);
      return (await Deno.lstat(place.at("out"))).ino === ino;
    },
  ),
  ...resume("recv-blob"),
  ...resume("recv-dir"),
  "recv-dir --clean": seenWith(
    "what a fetch of another tree left is removed",
    ["--clean"],
    async (place, more) => {
      const left = ".out.fetch_0123456789abcdef";
      await Deno.mkdir(place.at(left), { recursive: true });
      await place.write(`${left}/file`, "left");
      await place.recvDir(place.refs.tree, "out", ...more);
      return await place.size(left) !== null;
    },
  ),
  ...wait("recv-blob"),
  ...wait("recv-dir"),
  ...trust("recv-blob"),
  ...trust("recv-dir"),
  "recv-dir --no-perms": mode(
    "--no-perms",
    "private",
    "a private file has the mode that new ones have",
  ),
  "recv-dir --preserve-setid": mode(
    "--preserve-setid",
    "setid",
    "the set-user-id bit arrives",
  ),
  ...sparse("recv-blob"),
  ...sparse("recv-dir"),
};
