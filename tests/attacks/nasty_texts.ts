import {
  blake3,
  type BlobRef,
  encodeBlobRef,
  encodeDirManifest,
  makeSmall,
} from "../../lib/content/mod.ts";
import type { DirEntry } from "../../lib/content/mod.ts";
import { TransferError } from "../../lib/errors.ts";
import { encodeTicket, Node } from "../../lib/mesh/mod.ts";
import { exchange, listen, PSK } from "../../lib/mesh/testing/echo_node.ts";
import { MemoryStore } from "../../lib/store/mod.ts";
import { toHex } from "../../lib/text/hex.ts";
import { NODE_DOWNLOADS, serveSession } from "../../lib/transfer/mod.ts";
import { encodeDownloads } from "../../lib/transfer/protocol/download_query.ts";
import {
  encodeRequest,
  type Request,
} from "../../lib/transfer/protocol/request.ts";
import { outputFaults } from "../../scripts/clean_output.ts";
import { type Program, programCommand, words } from "../../scripts/program.ts";
import { TempDir } from "../../scripts/temp_dir.ts";
import { isolated } from "../support/cli.ts";
import { TEST_PROGRAM } from "../support/test_program.ts";
import { onWindows } from "../support/unless.ts";
import type { Attack } from "./attack.ts";
import { attachOptionsOfHolder } from "./support/beside.ts";
import { HolderProcess } from "../../scripts/holder_process.ts";

/** Begins a line where a text is printed as it is. */
const FORGED = "FORGED";
/**
 * A title, a clipboard, a cleared screen, both kinds of CSI, characters that
 * reorder, that end lines or that nobody sees, and lines of its own.
 */
const NASTY = "a\x1b]0;t\x07\x1b]52;c;Zg==\x1b\\\x1b[2J\x9b31m\x90q\x9c" +
  "\u202etxt\u2066\u2069\u200f\u2028\u2029\u200b\ufeff\x7f\b\x85\r\n" +
  `${FORGED}: {"error":"x"}\r\n`;
/** In a text of JSON and YAML, and for printf. */
const QUOTES = `"'\\${"`"}{}[]: - # %s%n $(x) <b>&`;
const NAME = `${NASTY}${QUOTES}`;

const CONTENT = new TextEncoder().encode("content");
const FORMATS = ["json", "ndjson", "yaml", "table", "text"];
/** What may draw on stderr, which holds marks of our own then. */
const BAR = ["--progress", "bar"];

/** What moves the cursor, erases and colours. */
const CURSOR = /\p{Cc}\[[\d;?]*[A-Zhlm]/gu;

/** What a run has printed. */
interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(args: readonly string[]): Promise<Ran> {
  const command = programCommand(TEST_PROGRAM, args, isolated({}));
  const { code, stdout, stderr } = await command.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

/** What of a text should not have been printed. */
function rawIn(text: string, isDrawn: boolean): string[] {
  // A bar moves the cursor of its own line and colours it.
  const plain = isDrawn
    ? text.replaceAll(CURSOR, "").replaceAll("\r", "")
    : text;
  const forged = plain.split(/\r\n|\n|\r/).filter((line) =>
    line.startsWith(FORGED)
  );
  return [...outputFaults(plain), ...forged];
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

/** What is wrong with what a run has printed. */
function faultsOf(args: readonly string[], ran: Ran): string[] {
  const of = (flag: string) => args[args.indexOf(flag) + 1];
  const faults = [
    ...rawIn(ran.stdout, false),
    ...rawIn(ran.stderr, args.includes("bar")),
  ];
  const lines = (text: string) => text.split("\n").filter((line) => line);
  const format = args.includes("--output") ? of("--output") : "json";
  if (format === "json" && ran.stdout !== "" && !isJson(ran.stdout)) {
    faults.push("stdout is no JSON");
  }
  if (format === "ndjson" && !lines(ran.stdout).every(isJson)) {
    faults.push("a line of stdout is no JSON");
  }
  const isAllJson = args.includes("--log-format") && format.endsWith("json") &&
    args.includes("--output");
  if (isAllJson && !lines(ran.stderr).every(isJson)) {
    faults.push("a line of stderr is no JSON");
  }
  return faults;
}

const file = (path: string, content: Uint8Array = CONTENT): DirEntry => ({
  path,
  kind: {
    type: "file",
    mode: 0o644,
    blob: encodeBlobRef(makeSmall(NASTY, blake3(content), content.length)),
  },
});
const link = (path: string, target: string): DirEntry => ({
  path,
  kind: { type: "symlink", target },
});

/** Trees, by what becomes of a fetch. */
const TREES: Record<string, DirEntry[]> = {
  whole: [file(NAME), link(`${NAME}l`, NAME)],
  refused: [file(`../${NAME}`)],
  twice: [file(NAME), file(NAME)],
  leaving: [link(NAME, `../${NAME}`)],
  missing: [file("first"), file(NAME, new TextEncoder().encode("nowhere"))],
  "bad reference": [{
    path: NAME,
    kind: { type: "file", mode: 0, blob: new Uint8Array() },
  }],
};

/** A holder of such trees whose every answer to a call is as nasty. */
async function startNasty(): Promise<
  { node: Node; refs: Map<string, string> }
> {
  const store = new MemoryStore();
  await store.put(blake3(CONTENT), CONTENT);
  const refs = new Map<string, string>();
  for (const [name, entries] of Object.entries(TREES)) {
    const manifest = encodeDirManifest({ version: 1, entries });
    await store.put(blake3(manifest), manifest);
    const ref = makeSmall(NASTY, blake3(manifest), manifest.length);
    refs.set(name, toHex(encodeBlobRef(ref)));
  }
  const fail = () => {
    throw new TransferError("permission", NASTY);
  };
  const rpc = {
    [NODE_DOWNLOADS]: () =>
      encodeDownloads([
        {
          name: NAME,
          peer: 1n,
          address: NASTY.slice(0, 60),
          bytes: 1,
          sinceMs: 1,
        },
      ]),
    "blob.transfers": () => Uint8Array.of(0, 0),
    "path.probe": fail,
    "node.rates": fail,
    "content.changes": fail,
  };
  const node = await listen((session) => serveSession(session, store, { rpc }));
  return { node, refs };
}

/** A holder that ends every session with a reason. */
function startClosing(): Promise<Node> {
  return listen(async (session) => {
    for await (const _ of session.incomingStreams()) {
      await session.close(1, NASTY);
    }
  });
}

const attachFlags = ({ address, publicKey }: Node) =>
  words`--node-addr 127.0.0.1:${address.port} --node-pubkey ${toHex(publicKey)}
    --psk-hex ${toHex(PSK)} --timeout 5s --connect-timeout 20s`;

/** Command lines of a client that meets them. */
function clientLines(
  nasty: { node: Node; refs: Map<string, string> },
  closing: Node,
  dir: TempDir,
): string[][] {
  let outs = 0;
  const out = () => dir.at(`out${outs++}`);
  const attach = attachFlags(nasty.node);
  const fetch = (tree: string) =>
    words`recv-dir ${attach} --remote-ref ${nasty.refs.get(tree)!}
      --out ${out()}`;
  const all = Object.keys(TREES).map((tree, i) =>
    i % 2 === 0
      ? words`${fetch(tree)} -vvv --log-format json --output json`
      : words`${fetch(tree)} -vvv --output text --progress json`
  );
  const ref: BlobRef = makeSmall(NASTY, blake3(CONTENT), CONTENT.length);
  const ticket = encodeTicket({
    publicKey: nasty.node.publicKey,
    addresses: [`127.0.0.1:${nasty.node.address.port}`],
    psk: PSK,
    content: {
      kind: "blob",
      name: NAME.replaceAll("/", "_"),
      form: "inline",
      hash: ref.hash,
      size: CONTENT.length,
    },
  });
  return [
    ...all,
    ...["json", "table"].map((format) =>
      words`${fetch("whole")} --output ${format} ${BAR}`
    ),
    ...["ndjson", "yaml", "text"].map((format) =>
      words`${fetch("missing")} --keep-going
      --output ${format}`
    ),
    words`${fetch("whole")} --dry-run --output json`,
    words`${fetch("missing")} --dry-run --output text`,
    ...FORMATS.map((format) => words`ls ${attach} --all --output ${format}`),
    words`limit ${attach} --output json`,
    words`limit ${attach} --output text -vvv`,
    words`recv-blob ${attachFlags(closing)} --blob-ref ${toHex(ref.hash)}
      --out ${out()} -vvv`,
    words`ls ${attachFlags(closing)} -vvv --log-format json`,
    words`recv-blob --ticket ${ticket} --out ${dir.path}/ -vvv --output text`,
    words`recv-blob --ticket ${ticket} --out ${out()} -vvv --output json`,
    words`recv-dir --ticket ${ticket} --out ${out()} -vvv --output json`,
  ];
}

/** What a client that is as nasty has a holder of nasty names write. */
async function servedBy(program: Program, dir: TempDir): Promise<string[]> {
  const tree = await dir.tree("tree", { [NAME.replaceAll("/", "_")]: "x" });
  const path = await dir.write(NAME.replaceAll("/", "_"), "x");
  const holder = await HolderProcess.start(
    words`${tree} ${path} -vvv --log-format json`,
    { program, ...isolated({ home: dir.path }) },
  );
  const session = await Node.attach(attachOptionsOfHolder(holder));
  const call: Request = { kind: "rpc", name: NASTY, body: CONTENT };
  await exchange(session, encodeRequest(call));
  await session.close(1, NASTY);
  const { stderr } = await holder.stop();
  const ran = { code: 0, stdout: holder.printed, stderr };
  return faultsOf(words`serve --output ndjson --log-format json`, ran)
    .map((fault) => `serve: ${fault}`);
}

export const attack: Attack = {
  name: "nasty_texts",
  claim:
    "No text of a peer, a manifest or a ticket reaches a terminal or a log as it is, nor breaks JSON.",
  lacks: () => Promise.resolve(onWindows),
  async run() {
    await using dir = await TempDir.make();
    const nasty = await startNasty();
    await using _node = nasty.node;
    await using closing = await startClosing();
    const lines = clientLines(nasty, closing, dir);
    const faults: string[] = [];
    const next = lines.values();
    const codes = new Map<number, number>();
    await Promise.all(Array.from({ length: 4 }, async () => {
      for (const args of next) {
        const ran = await run(args);
        codes.set(ran.code, (codes.get(ran.code) ?? 0) + 1);
        const found = faultsOf(args, ran);
        faults.push(...found.map((fault) => `${args[0]}: ${fault}`));
      }
    }));
    for (const name of Deno.readDirSync(dir.path)) {
      if (name.name.includes(FORGED)) faults.push("a ticket chose a name");
    }
    faults.push(...await servedBy(TEST_PROGRAM, dir));
    const ended = [...codes].sort().map(([code, n]) => `${n} with ${code}`);
    return {
      held: faults.length === 0,
      line: faults.length > 0
        ? faults.slice(0, 5).join("; ")
        : `${lines.length} command lines of a client (${
          ended.join(", ")
        }) and ` +
          "a holder printed nothing raw, all JSON valid",
    };
  },
};
