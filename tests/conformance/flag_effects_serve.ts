/** The flags of `serve`, and those of `ls`, which shows what is served. */

import { fromHex, toHex } from "../../lib/text/hex.ts";
import { loadIdentity, Node } from "../../lib/mesh/mod.ts";
import type { HolderProcess } from "../../scripts/holder_process.ts";
import { signal, sourceProgram, words } from "../../scripts/program.ts";
import { startHolder } from "../support/cli.ts";
import { effect, type FlagEffect, type FlagEffects } from "./flag_effect.ts";
import { muchToHash, threads } from "./flag_effects.ts";
import { HURRY, NOWHERE as KEY, type Place, until } from "./place.ts";
import { serving } from "./serving.ts";

/** The same seen of a holder without some flags and of one with them. */
function served(
  how: string,
  flags: readonly string[] | ((place: Place) => Promise<readonly string[]>),
  look: (holder: HolderProcess, place: Place) => unknown,
  always: readonly string[] = [],
): FlagEffect {
  return effect(how, async (place) => {
    const given = typeof flags === "function" ? await flags(place) : flags;
    const see = (more: readonly string[]) =>
      serving(place, [...always, ...more], (holder) => look(holder, place));
    return [await see([]), await see(given)];
  });
}

/** The exit code of a fetch of the small blob. */
async function fetchCode(
  place: Place,
  attach: readonly string[],
  ref: string = place.refs.small,
): Promise<number> {
  const { code } = await place.run`recv-blob --blob-ref ${ref} --out -
    ${attach} ${HURRY}`;
  return code;
}

/** That of one with the key. */
const fetchWithKey = (holder: HolderProcess, place: Place) =>
  fetchCode(place, holder.attach(["--psk-hex", KEY]));

const keyFile = (mode?: number) => async (place: Place) => [
  "--psk-file",
  await place.write("key", KEY, mode),
];

/** The congestion control that a holder logs of a fetch. */
async function controlOf(
  place: Place,
  flags: readonly string[],
  wish: readonly string[],
  verb: "recv-blob" | "recv-dir" = "recv-blob",
): Promise<string | undefined> {
  const home = await Deno.makeTempDir({ dir: place.dir });
  const tree = place.source("tree");
  const args = [place.source("small.bin"), tree, ...flags, "-v"];
  await using holder = await startHolder(home, args);
  const [blob, dir] = holder.refs;
  const fetch = verb === "recv-blob"
    ? words`recv-blob --blob-ref ${blob.ref}`
    : words`recv-dir --remote-ref ${dir.ref}`;
  await place.run`${fetch} --out ${home}/out ${holder.attach()} ${wish}`;
  const { stderr } = await holder.stop();
  return /peer attached.*congestion=(\w+)/.exec(stderr)?.[1];
}

const wish = (verb: "recv-blob" | "recv-dir") =>
  effect("the holder uses what was wished for", async (place) => [
    await controlOf(place, [], [], verb),
    await controlOf(place, [], ["--congestion", "cubic"], verb),
  ]);

/** The limits that a node tells. */
async function limitsOf(
  place: Place,
  flags: readonly string[],
): Promise<string> {
  return (await place.run`limit ${flags}`).stdout;
}

/** The limit that a fetch tells in its result. */
const asked = (verb: "recv-blob" | "recv-dir") =>
  effect("the result tells the limit", async (place) => {
    const limit = async (name: string, ...flags: string[]) => {
      const fetch = verb === "recv-blob"
        ? words`recv-blob --blob-ref ${place.refs.small}`
        : words`recv-dir --remote-ref ${place.refs.links}`;
      const { stdout } = await place.run`${fetch} --out ${place.at(name)}
        ${place.attach()} ${flags}`;
      return JSON.parse(stdout).limit_rate;
    };
    return [await limit("one"), await limit("other", "--limit-rate", "1M")];
  });

/** Makes chunks of 4 MiB, without content, that a cache has fetched. */
function fillCache(store: string, count: number): void {
  const marked = new Date("1980-02-01T00:00:00Z");
  for (let i = 0; i < count; i++) {
    const chunk = `${store}/dataforts/blob/${String(i).padStart(64, "0")}`;
    Deno.mkdirSync(`${chunk}/v0000000001`, { recursive: true });
    Deno.writeFileSync(`${chunk}/v0000000001/dat`, new Uint8Array());
    Deno.truncateSync(`${chunk}/v0000000001/dat`, 4 * 2 ** 20);
    Deno.writeFileSync(`${chunk}/manifest`, new Uint8Array());
    Deno.utimeSync(`${chunk}/manifest`, marked, marked);
  }
}

/** What is seen of a cache while a fetch through it stands still. */
async function stalled<T>(
  place: Place,
  flags: readonly string[],
  look: (attach: string[], id: string) => Promise<T>,
): Promise<T> {
  const [, address, , key, , psk] = place.hostile.attach();
  const args = words`--store ${place.at("cache")} --psk-hex ${psk}
    --upstream ${address}#${key} ${flags}`;
  return await serving(place, args, async (cache) => {
    const attach = cache.attach(["--psk-hex", psk]);
    const child = place.start`recv-blob --out ${place.at("never")} ${attach}
      --blob-ref ${place.hostile.silentBlob()}`;
    const ended = child.output();
    let id = "";
    await until(async () => {
      const { stdout } = await place.run`ls ${attach}`;
      id = /"transfer_id": (\d+)/.exec(stdout)?.[1] ?? "";
      return id !== "";
    });
    const seen = await look(attach, id);
    signal(child, "SIGKILL");
    await ended;
    return seen;
  });
}

/** The effects. */
export const SERVE_FLAG_EFFECTS: FlagEffects = {
  "serve --progress": served(
    "events are told on stderr",
    ["--progress", "json"],
    async (holder) => (await holder.stop()).stderr.includes("{"),
  ),
  "serve --jobs": threads(async (place, tracer, jobs) =>
    await serving(
      place,
      [await muchToHash(place), "--jobs", jobs],
      () => {},
      { program: [...tracer, ...sourceProgram()] },
    )
  ),
  "serve --store": served(
    "what is staged there is served",
    ({ liveStore }) => Promise.resolve(["--store", liveStore]),
    (holder, place) => fetchCode(place, holder.attach(), place.refs.chunkTree),
  ),
  "serve --listen": effect("another address is bound", async (place) => {
    const host = (listen: string) =>
      serving(place, [], ({ address }) => address.split(":")[0], { listen });
    return [await host("127.0.0.1:0"), await host("127.0.0.2:0")];
  }),
  "serve --identity": served(
    "its key is the node's",
    async (place) => {
      const file = await place.write("id.toml", `seed_hex = "${KEY}"\n`);
      return ["--identity", file];
    },
    async ({ ready }, place) => {
      const { x25519Public } = await loadIdentity(place.at("id.toml"));
      return ready.node_pubkey === toHex(x25519Public);
    },
  ),
  "serve --psk-hex": served(
    "that key lets peers attach",
    ["--psk-hex", KEY],
    fetchWithKey,
  ),
  "serve --psk-file": served(
    "its key lets peers attach",
    keyFile(),
    fetchWithKey,
  ),
  "serve --insecure-permissions": effect(
    "a key that others can read is accepted",
    async (place) => {
      const flags = await keyFile(0o644)(place);
      const attach = (...more: string[]) =>
        serving(place, [...flags, ...more], () => "ready").catch(() =>
          "refused"
        );
      return [await attach(), await attach("--insecure-permissions")];
    },
  ),
  "serve --advertise": served(
    "another address is printed",
    ["--advertise", "files.example:7700"],
    ({ ready }) => /:\d+$/.exec(ready.listen[0])?.[0] === ":7700",
  ),
  "serve --allow": served(
    "another key than the one allowed is kept out",
    ["--allow", KEY],
    (holder, place) => fetchCode(place, holder.attach()),
  ),
  "serve --congestion": effect(
    "the holder logs what it uses, whatever a fetch would like",
    async (place) => [
      await controlOf(place, ["--congestion", "bbr"], [
        "--congestion",
        "cubic",
      ]),
      await controlOf(place, ["--congestion", "cubic"], []),
    ],
  ),
  "recv-blob --congestion": wish("recv-blob"),
  "recv-dir --congestion": wish("recv-dir"),
  "serve --limit-rate": served(
    "the node tells its limit",
    ["--limit-rate", "1M"],
    (holder, place) => limitsOf(place, holder.attach()),
  ),
  "serve --limit-rate-session": served(
    "the node tells its limit",
    ["--limit-rate-session", "1M"],
    (holder, place) => limitsOf(place, holder.attach()),
  ),
  "serve --admin-limit": served(
    "peers may change limits",
    ["--admin-limit", "psk"],
    async (holder, place) =>
      (await place.run`limit 1M ${holder.attach()}`).code,
  ),
  "limit --session": effect(
    "the limit of each node is another",
    (place) =>
      serving(place, ["--admin-limit", "psk"], async (holder) => {
        const limits = (...more: string[]) =>
          limitsOf(place, [...more, ...holder.attach()]);
        return [await limits(), await limits("--session", "1M")] as const;
      }),
  ),
  "recv-blob --limit-rate": asked("recv-blob"),
  "recv-dir --limit-rate": asked("recv-dir"),
  "serve --max-connections": served(
    "a second session is turned away",
    ["--max-connections", "1"],
    async (holder, place) => {
      await using _first = await Node.attach({
        address: holder.address,
        publicKey: fromHex(holder.ready.node_pubkey),
        psk: fromHex(KEY),
      });
      return await fetchWithKey(holder, place) === 0;
    },
    ["--psk-hex", KEY],
  ),
  "serve --ready-file": served(
    "the result is in a file, too",
    (place) => Promise.resolve(["--ready-file", place.at("ready.json")]),
    (_, place) => place.size("ready.json").then((size) => size !== null),
  ),
  "serve --ticket-psk": served(
    "tickets are longer by the key",
    ["--ticket-psk"],
    ({ ready }) => ready.ticket.length > 120,
  ),
  "serve --ticket-for": served(
    "tickets with a key of that name are printed, too",
    ["--ticket-for", "ann"],
    ({ ready }) => ready.psk_tickets?.map(({ psk }) => psk),
  ),
  "serve --ticket-relay-psk": effect(
    "tickets have the relay's key, too",
    (place) =>
      serving(place, ["--relay", "--ticket-psk"], async (relay) => {
        const mode = 0o600;
        const via = await place.write("via.ticket", relay.ready.ticket, mode);
        const length = (...more: string[]) =>
          serving(
            place,
            ["--psk-hex", KEY, "--via", `@${via}`, ...more],
            ({ ready }) => ready.ticket.length,
          );
        return [await length(), await length("--ticket-relay-psk")] as const;
      }),
  ),
  "serve --relay": served(
    "a node that is not attached is not found, rather than not relayed to",
    ["--relay"],
    async (holder, place) => {
      const { stderr } = await place.run`recv-blob --blob-ref ${KEY} --out -
        --from 42 ${holder.attach()} --output json`;
      return JSON.parse(stderr).error.kind;
    },
  ),
  "serve --via": effect(
    "it is reached by way of a relay",
    (place) =>
      serving(place, ["--relay"], async (relay) => {
        const via = `${relay.address}#${relay.ready.node_pubkey}`;
        const psk = ["--psk-file", relay.pskFile];
        const code = (...more: string[]) =>
          serving(
            place,
            [...psk, ...more],
            ({ ready }) =>
              fetchCode(place, [
                ...relay.attach(),
                "--from",
                ready.node_pubkey,
              ]),
          );
        return [await code(), await code("--via", via)] as const;
      }),
  ),
  "serve --upstream": effect(
    "what the node above has is served",
    async (place) => {
      const { address, ready, pskFile } = place.holder;
      const flags = words`--store ${place.at("cache")} --psk-file ${pskFile}`;
      const code = (...more: string[]) =>
        serving(
          place,
          [...flags, ...more],
          (cache) => fetchCode(place, cache.attach(), place.refs.tree),
        );
      const upstream = `${address}#${ready.node_pubkey}`;
      return [await code(), await code("--upstream", upstream)];
    },
  ),
  "serve --store-max": effect(
    "what a cache fetched earlier goes when there is no room",
    async (place) => {
      const { address, ready, pskFile } = place.holder;
      const left = async (name: string, ...flags: string[]) => {
        const store = place.at(name);
        fillCache(store, 80);
        const args = words`--store ${store} --psk-file ${pskFile}
          --upstream ${address}#${ready.node_pubkey} ${flags}`;
        await serving(
          place,
          args,
          (cache) => fetchCode(place, cache.attach(), place.refs.tree),
        );
        const chunks = [...Deno.readDirSync(`${store}/dataforts/blob`)];
        return chunks.length >= 80;
      };
      return [
        await left("cache-all"),
        await left("cache-max", "--store-max", "256M"),
      ];
    },
  ),
  "serve --admin-list": served(
    "nobody may list",
    ["--admin-list", "none"],
    async (holder, place) => (await place.run`ls ${holder.attach()}`).code,
  ),
  "serve --admin-cancel": effect("peers may cancel", async (place) => {
    const code = (...flags: string[]) =>
      stalled(
        place,
        flags,
        async (attach, id) => (await place.run`cancel ${id} ${attach}`).code,
      );
    return [await code(), await code("--admin-cancel", "psk")];
  }),
  "ls --chunks": effect(
    "rows are of chunks, not of downloads",
    (place) =>
      stalled(place, [], async (attach) => {
        const listed = async (...more: string[]) =>
          (await place.run`ls ${attach} --output table ${more}`).stdout
            .includes("transfer_count");
        return [await listed(), await listed("--chunks")] as const;
      }),
  ),
  "ls --all": effect(
    "what is served is listed, too",
    (place) =>
      stalled(place, [], async (attach) => {
        const count = async (...more: string[]) =>
          JSON.parse((await place.run`ls ${attach} ${more}`).stdout)
            .transfer_count;
        return [await count(), await count("--all")] as const;
      }),
  ),
};
