/** The flags of `share`. */

import { decodeTicket, loadIdentity } from "../../lib/mesh/mod.ts";
import { toHex } from "../../lib/text/hex.ts";
import { runProgram, sourceProgram, words } from "../../scripts/program.ts";
import { runCli } from "../support/cli.ts";
import { LivingFile } from "../support/living_file.ts";
import { ShareProcess } from "../support/share_process.ts";
import {
  effect,
  type FlagEffect,
  type FlagEffects,
  seenWith,
} from "./flag_effect.ts";
import { muchToHash, PATTERNS, threads } from "./flag_effects.ts";
import { serving } from "./serving.ts";
import { HURRY, NOWHERE as KEY, type Place, until } from "./place.ts";

/** What is seen of a share that is stopped then. */
async function sharing<T>(
  place: Place,
  args: readonly string[],
  see: (share: ShareProcess) => T | Promise<T>,
): Promise<T> {
  await using share = await ShareProcess.start(
    [place.source("small.bin"), ...args],
    { home: place.at(".."), cwd: place.dir },
  );
  return await see(share);
}

/** What is seen of a share without some flags, and with them. */
function shared(
  how: string,
  flags: readonly string[] | ((place: Place) => Promise<readonly string[]>),
  see: (share: ShareProcess, place: Place) => unknown,
): FlagEffect {
  return seenWith(
    how,
    flags,
    (place, more) => sharing(place, more, (share) => see(share, place)),
  );
}

async function fetchCode(
  { ready: { ticket } }: ShareProcess,
  place: Place,
  ...more: string[]
): Promise<number> {
  // What is there already would not be fetched.
  const out = place.at(crypto.randomUUID());
  const line = words`get ${ticket} --out ${out} ${more} ${HURRY}`;
  return (await runCli(line)).code;
}

/** Whether it ends by itself after a fetch. */
async function endsAfter(share: ShareProcess, place: Place): Promise<string> {
  await fetchCode(share, place);
  share.signal("SIGINT");
  return (await share.ended()).ended;
}

async function identityFile(place: Place, mode = 0o600): Promise<string> {
  return await place.write("id.toml", `seed_hex = "${KEY}"\n`, mode);
}

function stopped(share: ShareProcess): Promise<{ stderr: string }> {
  share.signal("SIGINT");
  return share.ended();
}

function filter(flag: string): FlagEffects {
  return {
    [`share --${flag}`]: seenWith(
      "fewer files are shared",
      PATTERNS[flag],
      async (place, more) => {
        await using share = await ShareProcess.start([
          place.source("tree"),
          ...more,
        ]);
        return share.ready.files;
      },
    ),
  };
}

/** What is seen of shares beside a relay that is a meeting point. */
function atPoint<T>(
  place: Place,
  see: (
    ticket: (...more: string[]) => Promise<ShareProcess["ready"]>,
    point: string,
  ) => Promise<T>,
): Promise<T> {
  const flags = ["--relay", "--rendezvous", "--ticket-psk"];
  return serving(place, flags, async ({ ready }) => {
    const file = await place.write("point.ticket", ready.ticket);
    const start = async (...more: string[]) => {
      await using share = await ShareProcess.start(
        [place.source("small.bin"), ...more],
        { hasCode: true },
      );
      return share.ready;
    };
    return await see(start, `@${file}`);
  });
}

/** The effects. */
export const SHARE_FLAG_EFFECTS: FlagEffects = {
  "share --name": shared(
    "it is called so",
    ["--name", "other"],
    ({ ready: { name } }) => name,
  ),
  "share --once": shared("a fetch ends it", ["--once"], endsAfter),
  "share --count": shared(
    "so many fetches end it",
    ["--count", "1"],
    endsAfter,
  ),
  "share --for": shared(
    "its time is told, and over",
    ["--for", "60s"],
    ({ ready }) => Object.keys(ready).includes("for_secs"),
  ),
  "share --to": shared(
    "another key is kept out",
    ["--to", KEY],
    fetchCode,
  ),
  "share --listen": effect("another address is bound", async (place) => {
    const host = async (address: string) => {
      await using share = await ShareProcess.start(
        [place.source("small.bin")],
        { listen: address },
      );
      return share.ready.listen[0].split(":")[0];
    };
    return [await host("127.0.0.1:0"), await host("127.0.0.2:0")];
  }),
  "share --advertise": shared(
    "another address is printed",
    ["--advertise", "files.example:7700"],
    ({ ready: { listen } }) => listen[0].endsWith(":7700"),
  ),
  "share --congestion": effect(
    "the holder logs what it uses",
    async (place) => {
      const used = (control: string) =>
        sharing(place, ["-v", "--congestion", control], async (share) => {
          await fetchCode(share, place);
          return /congestion=(\w+)/.exec((await stopped(share)).stderr)?.[1];
        });
      return [await used("bbr"), await used("cubic")];
    },
  ),
  "share --limit-rate": shared(
    "its limit is told",
    ["--limit-rate", "1M"],
    ({ ready }) => Object.keys(ready).includes("limit_rate"),
  ),
  "share --limit-rate-session": shared(
    "its limit is told",
    ["--limit-rate-session", "1M"],
    ({ ready }) => Object.keys(ready).includes("limit_rate_session"),
  ),
  "share --identity": shared(
    "its key is the node's",
    async (place) => ["--identity", await identityFile(place)],
    async ({ ready }, place) => {
      const { x25519Public } = await loadIdentity(await identityFile(place));
      return ready.node_pubkey === toHex(x25519Public);
    },
  ),
  "share --insecure-permissions": effect(
    "a key that others can read is accepted",
    async (place) => {
      const file = await identityFile(place, 0o644);
      const start = (...more: string[]) =>
        sharing(place, ["--identity", file, ...more], () => "ready")
          .catch(() => "refused");
      return [await start(), await start("--insecure-permissions")];
    },
  ),
  "share --notify": seenWith(
    "the bell rings when somebody has all of it",
    ["--notify"],
    async (place, more) => {
      const log = place.at(`bell${more.length}`);
      const line = `share ${place.source("small.bin")} --once --no-code ` +
        `--listen 127.0.0.1:0 --output text ${more.join(" ")}`;
      const sharing = place.shell(
        `script -qfec "$* ${line}" ${log} < /dev/null > /dev/null`,
      );
      const shown = () => Deno.readTextFile(log).catch(() => "");
      await until(async () => /nt1\w+\s/.test(await shown()));
      const [ticket] = /nt1\w+/.exec(await shown()) ?? [""];
      await place.run`get ${ticket} --out ${place.at(`out${more.length}`)}`;
      await sharing;
      return (await shown()).includes("\x07");
    },
  ),
  "get --notify": seenWith(
    "the bell rings at the end",
    ["--notify"],
    async (place, more) => {
      const log = place.at(`bell${more.length}`);
      const line = `get @${place.at("missing")} ${more.join(" ")}`;
      await place.shell(
        `script -qfec "$* ${line}" ${log} < /dev/null > /dev/null`,
      );
      return (await Deno.readTextFile(log)).includes("\x07");
    },
  ),
  "share --qr": seenWith("a code is drawn", ["--qr"], async (place, more) => {
    const { stdout } = await place.run`share ${place.source("small.bin")}
      --listen 127.0.0.1:0 --no-code --for 1ms --output table ${more}`;
    return stdout.includes("▀");
  }),
  "share --no-code": effect(
    "no code is printed",
    (place) =>
      atPoint(place, async (start, point) => {
        const hasCode = async (...more: string[]) =>
          (await start("--meet", point, ...more)).code !== undefined;
        return [await hasCode(), await hasCode("--no-code")];
      }),
  ),
  "share --meet": effect(
    "its relay is in the ticket",
    (place) =>
      atPoint(place, async (start, point) => {
        const relay = async (...more: string[]) =>
          decodeTicket((await start(...more)).ticket).relay !== undefined;
        return [await relay(), await relay("--meet", point)];
      }),
  ),
  "share --via": effect(
    "its relay is in the ticket",
    (place) =>
      atPoint(place, async (start, point) => {
        const relay = async (...more: string[]) =>
          decodeTicket((await start(...more)).ticket).relay !== undefined;
        return [await relay(), await relay("--via", point)];
      }),
  ),
  "get --meet": effect(
    "it is looked for there, too",
    (place) =>
      atPoint(place, async (_, point) => {
        const said = async (...more: string[]) =>
          (await place.run`get 1-topic-lemon-cargo --timeout 500ms ${more}`)
            .stderr;
        return [await said(), await said("--meet", point)];
      }),
  ),
  ...filter("include"),
  ...filter("exclude"),
  ...filter("exclude-from"),
  "share --strict": effect("a file that lives is refused", async (place) => {
    await Deno.mkdir(place.at("living"));
    using file = await LivingFile.make(place.at("living", "file"));
    const start = async (...more: string[]) => {
      const args = words`share ${file.path} --listen 127.0.0.1:0 --for 1ms
        ${more}`;
      return (await runCli(args)).code;
    };
    return [await start(), await start("--strict")];
  }),
  "share --jobs": threads(async (place, tracer, jobs) => {
    const much = await muchToHash(place);
    const args = words`share ${much} --jobs ${jobs} --for 1ms
      --listen 127.0.0.1:0 --no-hash-cache`;
    return await runProgram([...tracer, ...sourceProgram()], args);
  }),
  "share --no-hash-cache": seenWith(
    "no cache is looked for, so that none is missed",
    ["--no-hash-cache"],
    async (place, more) => {
      const env = { XDG_CACHE_HOME: await place.write("no-directory", "") };
      const args = words`share ${place.source("small.bin")} --for 1ms -v
        --listen 127.0.0.1:0 ${more}`;
      const { stderr } = await place.runWith({ env }, ...args);
      return stderr.includes("hash cache");
    },
  ),
  "share --progress": shared(
    "events are told on stderr",
    ["--progress", "json"],
    async (share) => (await stopped(share)).stderr.includes("{"),
  ),
};
