/** Publishing to, serving from and caching before an S3-compatible server. */

import { assert, assertEquals } from "@std/assert";
import { noise } from "../../scripts/make_tree.ts";
import { runProgram, sourceProgram, words } from "../../scripts/program.ts";
import type { TempDir } from "../../scripts/temp_dir.ts";
import {
  assertSameTree,
  failureOf,
  pathsIn,
  resultOf,
  runCli,
  startHolder,
  test,
} from "../support/cli.ts";
import { makeTree } from "../support/end_to_end.ts";
import { BUCKET, S3Server } from "../support/s3_server.ts";
import { unless } from "../support/unless.ts";
import { Versitygw, withoutVersitygw } from "../support/versitygw.ts";

const STORE = `s3://${BUCKET}/a b/2026`;

/** Publishes a tree to a bucket twice, serves it from there and fetches it. */
async function thereAndBack(
  dir: TempDir,
  env: Record<string, string>,
): Promise<void> {
  const tree = await makeTree(dir);
  const send = () =>
    resultOf(
      runCli(words`send-dir ${tree} --store ${STORE} --output ndjson`, { env }),
    );
  const { remote_ref, staged_to } = await send();
  assertEquals(staged_to, STORE);
  const before = await pathsIn(dir.at("s3"));
  assert(
    before.some((path) =>
      /^photos\/a(?:%20| )b\/2026\/blob\/[0-9a-f]{64}/.test(path)
    ),
  );
  // What is there is neither changed nor uploaded again.
  const modified = () =>
    before.map((path) => Deno.statSync(dir.at("s3", path)).mtime?.getTime());
  const times = modified();
  assertEquals((await send()).remote_ref, remote_ref);
  assertEquals([await pathsIn(dir.at("s3")), modified()], [before, times]);

  await using holder = await startHolder(dir.path, ["--store", STORE], { env });
  await resultOf(
    runCli(
      words`recv-dir --remote-ref ${remote_ref} --out ${dir.at("copy")}
        ${holder.attach()} --output ndjson`,
    ),
  );
  await assertSameTree(tree, dir.at("copy"));
  // Nobody needs a node for it.
  const { sources, bytes } = await resultOf(
    runCli(
      words`recv-dir --remote-ref ${remote_ref} --out ${dir.at("alone")}
        --source ${STORE} --output ndjson`,
      { env },
    ),
  );
  assertEquals(sources, [{ source: STORE, bytes }]);
  await assertSameTree(tree, dir.at("alone"));
}

test("a tree is published to a bucket, served from it and fetched", async (dir) => {
  await using s3 = await S3Server.start(await dir.mkdir("s3"));
  await thereAndBack(dir, s3.env);
});

test(
  unless(
    withoutVersitygw,
    "a tree is published to a bucket of versitygw, served from it and fetched",
  ),
  async (dir) => {
    await using s3 = await Versitygw.start(await dir.mkdir("s3"));
    await thereAndBack(dir, s3.env);
  },
);

/** Exports a store to a bucket in two runs, and fetches from that alone. */
async function exported(
  dir: TempDir,
  env: Record<string, string>,
): Promise<void> {
  const run = (line: string[]) =>
    resultOf(runCli(words`${line} --output ndjson`, { env }));
  const store = dir.at("store");
  const tree = await makeTree(dir);
  const { remote_ref } = await run(words`send-dir ${tree} --store ${store}`);
  await run(
    words`send-blob ${await dir.write("more", "more")} --store ${store}`,
  );
  const part = await run(
    words`store export ${store} ${STORE} --ref ${remote_ref} --jobs 3`,
  );
  assertEquals(part.dir, STORE);
  assertEquals([part.chunks_present, part.chunks_missing], [0, 0]);
  const before = (await pathsIn(dir.at("s3")))
    .filter((path) => Deno.statSync(dir.at("s3", path)).isFile);
  const modified = () =>
    before.map((path) => Deno.statSync(dir.at("s3", path)).mtime?.getTime());
  const times = modified();
  const all = await run(words`store export ${store} ${STORE}`);
  assertEquals(all.chunks_copied, 1);
  assertEquals(
    [all.chunks_present, all.bytes_present],
    [part.chunks_copied, part.bytes_copied],
  );
  // What was there is not uploaded again.
  assertEquals(modified(), times);
  await using holder = await startHolder(dir.path, ["--store", STORE], { env });
  await run(
    words`recv-dir --remote-ref ${remote_ref} --out ${dir.at("copy")}
      ${holder.attach()}`,
  );
  await assertSameTree(tree, dir.at("copy"));
}

test("a store is exported to a bucket, each chunk once, and fetched from there", async (dir) => {
  await using s3 = await S3Server.start(await dir.mkdir("s3"));
  await exported(dir, s3.env);
});

test(
  unless(
    withoutVersitygw,
    "a store is exported to a bucket of versitygw, each chunk once, and fetched from there",
  ),
  async (dir) => {
    await using s3 = await Versitygw.start(await dir.mkdir("s3"));
    await exported(dir, s3.env);
  },
);

test("an export that a killed server ends says so, and goes on where it was", async (dir) => {
  const store = dir.at("store");
  const tree = await makeTree(dir);
  await resultOf(
    runCli(words`send-dir ${tree} --store ${store} --output ndjson`),
  );
  const first = await S3Server.start(await dir.mkdir("s3"));
  const { env, port } = first;
  await first[Symbol.asyncDispose]();
  const send = () =>
    runCli(words`store export ${store} ${STORE} --output ndjson`, { env });
  const failure = failureOf(await send());
  assertEquals([failure.exit_code, failure.kind], [3, "peer_closed"]);
  await using _second = await S3Server.start(dir.at("s3"), port);
  const { chunks_missing } = await resultOf(send());
  assertEquals(chunks_missing, 0);
});

test("a cache before a bucket goes on when the server is killed and started again", async (dir) => {
  const content = noise(24 * 2 ** 20, 4);
  const path = await dir.write("blob", content);
  const first = await S3Server.start(await dir.mkdir("s3"));
  const { env } = first;
  const { blob_ref } = await resultOf(
    runCli(words`send-blob ${path} --store ${STORE} --output ndjson`, { env }),
  );
  await using cache = await startHolder(
    dir.path,
    words`--store ${await dir.mkdir("cache")} --upstream ${STORE}`,
    { env },
  );
  await first[Symbol.asyncDispose]();
  const fetching = runCli(
    words`recv-blob --blob-ref ${blob_ref} --out ${dir.at("copy")}
      ${cache.attach()} --output ndjson`,
  );
  await using _second = await S3Server.start(dir.at("s3"), first.port);
  await resultOf(fetching);
  assertEquals(await Deno.readFile(dir.at("copy")), content);
});

test("publishing that a killed server ends says so, and goes on where it was", async (dir) => {
  const tree = await makeTree(dir);
  const first = await S3Server.start(await dir.mkdir("s3"));
  const { env, port } = first;
  await first[Symbol.asyncDispose]();
  const send = () =>
    runCli(words`send-dir ${tree} --store ${STORE} --output ndjson`, { env });
  const failure = failureOf(await send());
  assertEquals([failure.exit_code, failure.kind], [3, "peer_closed"]);
  await using _second = await S3Server.start(dir.at("s3"), port);
  await resultOf(send());
});

test("a bucket is listed as a store is", async (dir) => {
  const path = await dir.write("blob", noise(5 * 2 ** 20, 1));
  await using s3 = await S3Server.start(await dir.mkdir("s3"));
  const { env } = s3;
  const run = (line: string[]) =>
    resultOf(runCli(words`${line} --output ndjson`, { env }));
  await run(words`send-blob ${path} --store ${STORE}`);
  await run(words`send-blob ${path} --store ${dir.at("store")}`);
  const inBucket = await run(words`store ls ${STORE}`);
  const inDirectory = await run(words`store ls ${dir.at("store")}`);
  assertEquals(inBucket.chunks, inDirectory.chunks);
  assertEquals(inBucket.store, STORE);
});

test("credentials and the endpoint come from a profile", async (dir) => {
  const path = await dir.write("blob", "hello\n");
  await using s3 = await S3Server.start(await dir.mkdir("s3"));
  const { AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = s3.env;
  await dir.write(
    ".aws/credentials",
    `[mine]\naws_access_key_id = ${AWS_ACCESS_KEY_ID}\n` +
      `aws_secret_access_key = ${AWS_SECRET_ACCESS_KEY}\n`,
    { mode: 0o600 },
  );
  await dir.write(
    ".aws/config",
    `[profile mine]\nregion = eu-west-1\nendpoint_url = ${AWS_ENDPOINT_URL}\n`,
  );
  await resultOf(
    runCli(words`send-blob ${path} --store ${STORE} --output ndjson`, {
      home: dir.path,
      env: { AWS_PROFILE: "mine" },
    }),
  );
});

test("credentials come from a program that a profile names, if nobody else may write that", async (dir) => {
  const path = await dir.write("blob", "hello\n");
  await using s3 = await S3Server.start(await dir.mkdir("s3"));
  const { AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = s3.env;
  const printed = JSON.stringify({
    Version: 1,
    AccessKeyId: AWS_ACCESS_KEY_ID,
    SecretAccessKey: AWS_SECRET_ACCESS_KEY,
  });
  const script = await dir.write("keys.mjs", `console.log('${printed}')`);
  const config = await dir.write(
    ".aws/config",
    `[default]\nendpoint_url = ${AWS_ENDPOINT_URL}\n` +
      `credential_process = "${Deno.execPath()}" run "${script}"\n`,
    { mode: 0o600 },
  );
  const send = () =>
    runCli(words`send-blob ${path} --store ${STORE} --output ndjson`, {
      home: dir.path,
    });
  await resultOf(send());
  await Deno.chmod(config, 0o666);
  const failure = failureOf(await send());
  assertEquals([failure.exit_code, failure.kind], [1, "permission"]);
});

test("a sandboxed program needs the network of the store and its variables alone", async (dir) => {
  const path = await Deno.realPath(await dir.write("blob", "hello\n"));
  await using s3 = await S3Server.start(await dir.mkdir("s3"));
  const host = new URL(s3.env.AWS_ENDPOINT_URL).host;
  const send = (...permissions: string[]) =>
    runProgram(
      sourceProgram(["--no-prompt", `--allow-read=${path}`, ...permissions]),
      words`send-blob ${path} --store ${STORE} --output ndjson`,
      { env: s3.env },
    );
  const variables = `--allow-env=${Object.keys(s3.env).join()}`;
  await resultOf(send(`--allow-net=${host}`, variables));
  const failure = failureOf(await send(variables));
  assertEquals([failure.exit_code, failure.kind], [3, "permission"]);
  assert(failure.hint?.includes(`--allow-net=${host}`), failure.hint);
  // Nothing is known of an endpoint that may not be read: it is that of AWS.
  const blind = failureOf(await send(`--allow-net=${host}`));
  assertEquals(blind.kind, "permission");
});

for (
  const [what, change, kind, said] of [
    [
      "a wrong secret",
      { AWS_SECRET_ACCESS_KEY: "hunter3" },
      "permission",
      /signature/,
    ],
    [
      "an unknown key",
      { AWS_ACCESS_KEY_ID: "AKIANOBODY" },
      "permission",
      /access key/,
    ],
    [
      "no credentials",
      {
        AWS_ACCESS_KEY_ID: "",
        AWS_SECRET_ACCESS_KEY: "",
      },
      "permission",
      /may not be/,
    ],
    [
      "half of the credentials",
      { AWS_SECRET_ACCESS_KEY: "" },
      "config",
      /AWS_SECRET_ACCESS_KEY/,
    ],
    [
      "a profile that is not there",
      {
        AWS_ACCESS_KEY_ID: "",
        AWS_SECRET_ACCESS_KEY: "",
        AWS_PROFILE: "nobody",
      },
      "config",
      /nobody/,
    ],
  ] as [string, Record<string, string>, string, RegExp][]
) {
  test(`${what} is told in a sentence, and no secret is`, async (dir) => {
    const path = await dir.write("blob", "hello\n");
    await using s3 = await S3Server.start(await dir.mkdir("s3"));
    const run = await runCli(
      words`send-blob ${path} --store ${STORE} --output ndjson`,
      { env: { ...s3.env, ...change } },
    );
    const failure = failureOf(run);
    assertEquals(failure.kind, kind, run.stderr);
    assert(said.test(failure.message), failure.message);
    assert(!/hunter/.test(run.stderr));
  });
}

test("a bucket that is not there is told when it is served, and when it is published to", async (dir) => {
  const path = await dir.write("blob", "hello\n");
  await resultOf(
    runCli(words`send-blob ${path} --store ${dir.at("store")} --output ndjson`),
  );
  await using s3 = await S3Server.start(await dir.mkdir("s3"));
  for (
    const line of [
      words`send-blob ${path} --store s3://nobucket`,
      words`store export ${dir.at("store")} s3://nobucket`,
      words`serve --store s3://nobucket --listen 127.0.0.1:0`,
    ]
  ) {
    const run = await runCli(words`${line} --output ndjson`, {
      env: s3.env,
      home: dir.path,
    });
    const failure = failureOf(run);
    assertEquals(failure.kind, "not_found", run.stderr);
    assert(failure.message.includes("nobucket"));
  }
});
