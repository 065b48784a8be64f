import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { words } from "../../scripts/program.ts";
import { cli, resultOf, runCli, startHolder, test } from "../support/cli.ts";
import { onWindows, unless } from "../support/unless.ts";

const TRANSFER = "6d6573683a2f2f7472616e73666572";
const MIB = 2 ** 20;

interface SendBlob {
  readonly name: string;
  readonly content: Uint8Array;
  readonly ref: string;
  readonly hash?: string;
  readonly chunks: number;
}

function pattern(length: number, seed: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (31 * index + seed) % 251);
}

const EMPTY =
  "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262";
const HELLO =
  "8e4c7c1b99dbfd50e7a95185fead5ee1448fa904a2fdd778eaf5f2dbfd629a99";
const FOUR_MIB =
  "d839dbd6753bf60543d2ffbb29c98f08d7f1c6148931918b11839104ae1ae520";

const BLOBS: SendBlob[] = [
  {
    name: "nothing",
    content: new Uint8Array(),
    ref: `b0b1b2b301${EMPTY}0000000000000000${TRANSFER}`,
    hash: EMPTY,
    chunks: 1,
  },
  {
    name: "hello",
    content: new TextEncoder().encode("hello\n"),
    ref: `b0b1b2b301${HELLO}0600000000000000${TRANSFER}`,
    hash: HELLO,
    chunks: 1,
  },
  {
    name: "exactly one chunk",
    content: new Uint8Array(4 * MIB).fill(0x42),
    ref: `b0b1b2b301${FOUR_MIB}0000400000000000${TRANSFER}`,
    hash: FOUR_MIB,
    chunks: 1,
  },
  {
    name: "one chunk and a byte",
    content: new Uint8Array(4 * MIB + 1).fill(0x42),
    ref:
      `b0b1b2b302010f${TRANSFER}0002${FOUR_MIB}808080029f9524ca18c0cc03aef1a0b84faed9375e5d19575e9328e65fea72991f0f58cf0181808002`,
    chunks: 2,
  },
  {
    name: "10 MiB",
    content: pattern(10 * MIB, 21),
    ref:
      `b0b1b2b302010f${TRANSFER}0003f5cebe108a25be60bbf2ecf2643dc1f9fae32d57454425384a922db0d6e3814d808080025e70aafa5a30074b3fac51f3f915c7151c63980416040cddac7926dfa5c459c080808002c8bce1840b2fce3b743b5ac59f449c5846b1fce0cea1686a180c6046b76827cd8080800180808005`,
    chunks: 3,
  },
  {
    name: "200 KiB",
    content: pattern(204_800, 7),
    ref:
      `b0b1b2b301c047f74b3f3f95e9ceb543ae75682f72f58ae80418100bb92465f4b2e53be8240020030000000000${TRANSFER}`,
    hash: "c047f74b3f3f95e9ceb543ae75682f72f58ae80418100bb92465f4b2e53be824",
    chunks: 1,
  },
];

for (const { name, content, ref, hash, chunks } of BLOBS) {
  test(
    `send-blob prints the reference of ${name}, from a file and from stdin`,
    async (dir) => {
      const path = await dir.write("file", content);
      const fields = {
        blob_ref: ref,
        ...(hash === undefined ? {} : { hash }),
        size: content.length,
        chunks,
      };
      const stdout = `${JSON.stringify(fields)}\n`;
      for (const [source, stdin] of [[path], ["-", content]] as const) {
        const line = words`send-blob ${source} --output ndjson`;
        const finished = await runCli(line, { stdin });
        assertEquals(finished, { code: 0, stdout, stderr: "" });
      }
    },
  );
}

test("send-blob --store stages chunks and says where", async (dir) => {
  const store = dir.at("deep", "store");
  const { code, stdout } = await runCli(
    words`send-blob --store ${store} -`,
    { stdin: "hello\n" },
  );
  assertEquals(code, 0);
  assertEquals(JSON.parse(stdout).staged_to, store);
  const dat = join(store, "dataforts", "blob", HELLO, "v0000000001", "dat");
  assertEquals(await Deno.readTextFile(dat), "hello\n");
});

Deno.test("send-blob into a store that cannot be made exits 1", async () => {
  const { code, stderr } = await runCli(
    words`send-blob --store /dev/null/store -`,
    { stdin: "x" },
  );
  assertEquals(code, 1);
  assertStringIncludes(stderr, '"/dev/null/store"');
});

const MANIFEST =
  "60c07d545018e148665721e63e1e82f5dae9f0a422f40108c3420cda877c88b9";
const TREE_REF = `b0b1b2b301${MANIFEST}a0000000000000006d6573683a2f2f${
  [...MANIFEST].map((digit) => digit.charCodeAt(0).toString(16)).join("")
}`;

test(
  unless(
    onWindows,
    "send-dir prints the reference of a known tree and counts what is in it",
  ),
  async (dir) => {
    const tree = await dir.tree("tree", {
      "docs/a.txt": "hello\n",
      link: { link: "docs/a.txt" },
    });
    await Deno.chmod(join(tree, "docs", "a.txt"), 0o644);
    await Deno.chmod(join(tree, "docs"), 0o755);
    const store = dir.at("store");
    const fields = {
      remote_ref: TREE_REF,
      manifest_size: 160,
      staged_to: store,
      files: 1,
      dirs: 1,
      symlinks: 1,
      total_bytes: 6,
      skipped: 0,
      changed: 0,
      vanished: 0,
      unreadable: 0,
      not_carried: { hard_links: 0, sparse: 0, owners: 0 },
    };
    const { code, stdout } = await cli`send-dir ${tree} --store ${store}`;
    assertEquals(code, 0);
    assertEquals(stdout, `${JSON.stringify(fields, null, 2)}\n`);
    for (const hash of [MANIFEST, HELLO]) {
      const dat = `dataforts/blob/${hash}/v0000000001/dat`;
      const vector = new URL(`../vectors/store/${dat}`, import.meta.url);
      assertEquals(
        await Deno.readFile(join(store, dat)),
        await Deno.readFile(vector),
      );
    }
  },
);

test(
  unless(
    onWindows,
    "send-dir skips what is neither file, directory nor link, by name with -v",
  ),
  async (dir) => {
    const { success } = await new Deno.Command("mkfifo", {
      args: [dir.at("pipe\x1b")],
    }).output();
    assertEquals(success, true);
    const quiet = await cli`send-dir ${dir.path} --output ndjson`;
    assertEquals(quiet.stderr.includes("pipe\\u"), false);
    assertEquals(JSON.parse(quiet.stdout).skipped, 1);
    const { stderr } = await cli`send-dir ${dir.path} -v`;
    assertStringIncludes(stderr, "pipe\\u{1b}");
  },
);

test(
  "send-dir of an empty directory is the two-byte manifest",
  async (dir) => {
    const { stdout } = await cli`send-dir ${dir.path}`;
    const { remote_ref: ref, manifest_size: size } = JSON.parse(stdout);
    assertEquals(size, 2);
    assertStringIncludes(
      ref,
      "687376c930d7020a32f04c396fc2e5eab49cd09a738fa03d573033416a6a47ce",
    );
  },
);

test(
  unless(onWindows, "what cannot be carried is counted, and named with -v"),
  async (dir) => {
    const tree = await dir.tree("tree", { a: "a", "d/holes": "" });
    await Deno.link(join(tree, "a"), join(tree, "d", "again"));
    await Deno.truncate(join(tree, "d", "holes"), 1_000_000);
    const quiet = await cli`send-dir ${tree}`;
    assertEquals([quiet.code, quiet.stderr], [0, ""]);
    const counted = { hard_links: 2, sparse: 1, owners: 0 };
    assertEquals(JSON.parse(quiet.stdout).not_carried, counted);
    const { stdout, stderr } = await cli`send-dir ${tree} -v`;
    const { xattrs: _, ...rest } = JSON.parse(stdout).not_carried;
    assertEquals(rest, counted);
    for (const name of ["a", "d/again", "d/holes"]) {
      assertStringIncludes(stderr, `path=${join(tree, name)}`);
    }
    await using holder = await startHolder(dir.path, [tree, join(tree, "a")]);
    const [served, file] = holder.ready.refs;
    assertEquals(served.not_carried, counted);
    assertEquals(file.not_carried, undefined);
    // What was a hole is one again.
    const out = dir.at("out");
    const { remote_ref: ref } = JSON.parse(stdout);
    await resultOf(
      cli`recv-dir --remote-ref ${ref} --out ${out} ${holder.attach()}`,
    );
    const { size, blocks } = await Deno.lstat(join(out, "d", "holes"));
    // The last bytes are written, so that it has its length.
    assertEquals([size, (blocks ?? 0) < 500], [1_000_000, true]);
  },
);
