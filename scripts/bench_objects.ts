/**
 * Measures reading chunks from a web server, and writing them to and reading
 * them from an S3-compatible server, against curl with as many connections.
 *
 * `deno run -A scripts/bench_objects.ts [--chunks N] [--kib N] [--connections N]
 * [--rounds N] [--bucket NAME]`
 *
 * The web server is an nginx of its own. With `--bucket` the S3-compatible
 * server is the one of `AWS_ENDPOINT_URL`, with its credentials in the
 * environment, as for the program; objects go below a prefix of each round and
 * stay there. curl has URLs that are signed beforehand.
 *
 * Both take turns, since other programs of the machine disturb, and the middle
 * of the ratios counts. curl throws away what it reads; so do we, and nothing is
 * hashed: that is the landing's work, wherever chunks come from.
 */

import { parseArgs } from "@std/cli/parse-args";
import { AwsV4Signer } from "aws4fetch";
import { blake3 } from "../lib/content/mod.ts";
import {
  HttpMirror,
  ObjectUploads,
  parseObjectsUrl,
  S3Store,
} from "../lib/objects/mod.ts";
import { fromHex, toHex } from "../lib/text/hex.ts";
import { Nginx, withoutNginx } from "../tests/support/nginx.ts";
import { noise } from "./make_tree.ts";
import { TempDir } from "./temp_dir.ts";

const options: Record<string, string | undefined> = parseArgs(Deno.args, {
  string: ["chunks", "kib", "connections", "rounds", "bucket"],
  default: { chunks: "10000", kib: "16", connections: "32", rounds: "5" },
});
const count = Number(options.chunks);
const size = Number(options.kib) * 1024;
const connections = Number(options.connections);
const rounds = Number(options.rounds);

/** A chunk as it lies. */
interface Lying {
  readonly hex: string;
  readonly path: string;
}

/** Writes chunks that all differ, as a mirror has them. */
async function makeChunks(dir: string): Promise<Lying[]> {
  await Deno.mkdir(`${dir}/blob`);
  const bytes = noise(size, 1);
  const view = new DataView(bytes.buffer);
  return Array.from({ length: count }, (_, i) => {
    view.setUint32(0, i);
    const hex = toHex(blake3(bytes));
    const path = `${dir}/blob/${hex}`;
    Deno.writeFileSync(path, bytes);
    return { hex, path };
  });
}

/** Seconds that something takes. */
async function timed(run: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await run();
  return (performance.now() - start) / 1000;
}

/** Lets curl do what its configuration says. */
async function curl(file: string): Promise<void> {
  const { success } = await new Deno.Command("curl", {
    args: [
      "--silent",
      "--fail",
      "--parallel",
      "--parallel-max",
      String(connections),
      "--config",
      file,
    ],
    stdout: "null",
    stderr: "null",
  }).output();
  if (!success) throw new Error("curl fails");
}

/** Does something with each, so many at once. */
async function each<T>(
  items: readonly T[],
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  const left = items.values();
  await Promise.all(Array.from({ length: connections }, async () => {
    for (const item of left) await work(item);
  }));
}

/** Fails when a chunk is not as long as it should be. */
function whole(bytes: Uint8Array | undefined): void {
  if (bytes?.length !== size) throw new Error("a chunk is missing");
}

/**
 * Runs both by turns and prints a row.
 *
 * @param lines The configuration of curl.
 */
async function compare(
  what: string,
  lines: (round: number) => readonly string[],
  ours: (round: number) => Promise<void>,
): Promise<void> {
  const times: { curl: number; own: number }[] = [];
  const file = dir.at("curl.conf");
  for (let round = 0; round < rounds; round++) {
    await Deno.writeTextFile(file, lines(round).join("\n"));
    const theirs = await timed(() => curl(file));
    times.push({ curl: theirs, own: await timed(() => ours(round)) });
  }
  const middle = (values: number[]) =>
    values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
  const cells = [
    what,
    count,
    `${size / 1024} KiB`,
    middle(times.map(({ curl }) => curl)).toFixed(2),
    middle(times.map(({ own }) => own)).toFixed(2),
    Math.round(middle(times.map(({ curl, own }) => curl / own)) * 100),
  ];
  console.log(`| ${cells.join(" | ")} |`);
}

/** A URL that is signed for an hour. */
async function signed(url: string, method: string): Promise<string> {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION } = Deno.env
    .toObject();
  const signer = new AwsV4Signer({
    method,
    url: `${url}?X-Amz-Expires=3600`,
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    region: AWS_REGION ?? "us-east-1",
    service: "s3",
    signQuery: true,
  });
  return (await signer.sign()).url.href;
}

function openStore(prefix: string): Promise<S3Store> {
  const location = parseObjectsUrl(`s3://${options.bucket}/${prefix}`);
  if (location.kind !== "s3") throw new Error("that is no bucket");
  return S3Store.open(location, {
    connections,
    readEnv: (name) => Deno.env.get(name),
  });
}

async function measureMirror(chunks: Lying[]): Promise<void> {
  await using nginx = await Nginx.start(
    await dir.mkdir("nginx"),
    dir.at("chunks"),
    "access_log off;",
  );
  const location = parseObjectsUrl(nginx.url);
  if (location.kind !== "http") throw new Error("that is no mirror");
  await using mirror = new HttpMirror(location, { connections });
  await compare(
    "nginx, read",
    () =>
      chunks.flatMap(({ hex }) => [
        `url = "${nginx.url}blob/${hex}"`,
        'output = "/dev/null"',
      ]),
    () =>
      each(
        chunks,
        async ({ hex }) => whole(await mirror.read(fromHex(hex), size)),
      ),
  );
}

async function measureBucket(chunks: Lying[]): Promise<void> {
  const base = `${Deno.env.get("AWS_ENDPOINT_URL")}/${options.bucket}`;
  const run = crypto.randomUUID();
  const prefix = (who: string, round: number) => `${run}/${who}${round}`;
  const urls = (who: string, round: number, method: string) =>
    Promise.all(
      chunks.map(({ hex }) =>
        signed(`${base}/${prefix(who, round)}/blob/${hex}`, method)
      ),
    );
  const putUrls = await Promise.all(
    Array.from({ length: rounds }, (_, round) => urls("curl", round, "PUT")),
  );
  await compare(
    "S3, written",
    (round) =>
      chunks.flatMap(({ path }, i) => [
        `url = "${putUrls[round][i]}"`,
        `upload-file = "${path}"`,
      ]),
    async (round) => {
      await using store = await openStore(prefix("own", round));
      const uploads = new ObjectUploads(store, { maxUploads: connections });
      for (const { hex, path } of chunks) {
        await uploads.put(fromHex(hex), Deno.readFileSync(path));
      }
      await uploads.finish();
    },
  );
  const getUrls = await urls("own", 0, "GET");
  await using store = await openStore(prefix("own", 0));
  await compare(
    "S3, read",
    () => getUrls.flatMap((url) => [`url = "${url}"`, 'output = "/dev/null"']),
    () =>
      each(
        chunks,
        async ({ hex }) => whole(await store.read(fromHex(hex), size)),
      ),
  );
}

await using dir = await TempDir.make();
const chunks = await makeChunks(await dir.mkdir("chunks"));
console.log("| What | Chunks | Length | curl s | Ours s | Share % |");
console.log("| --- | ---: | ---: | ---: | ---: | ---: |");
if (withoutNginx === undefined) await measureMirror(chunks);
else console.error(withoutNginx);
if (options.bucket !== undefined) await measureBucket(chunks);
