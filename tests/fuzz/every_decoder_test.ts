import { assert, assertEquals } from "@std/assert";
import { walk } from "@std/fs";
import { fromFileUrl, relative } from "@std/path";
import { TARGETS } from "./targets.ts";

const ROOT = fromFileUrl(new URL("../../", import.meta.url));
/** What makes something of bytes or text that somebody else may have made. */
const DECODER = new RegExp(
  [
    /^export (?:async )?function\*? ((?:decode|parse)[A-Z]\w*)/,
    // Parts of formats, which are read from a reader.
    /^export function\*? (\w+)(?:<[^>]*>)?\(\s*reader: \w*Reader\b/,
    /^export class (\w+(?:Parser|Decoder))\b/,
    /^export const (\w+): Message</,
  ].map(({ source }) => source).join("|"),
  "gm",
);

/** Decoders that are no target themselves, and why not. */
const OTHERS: Readonly<Record<string, string>> = {
  // Run by others, which are targets.
  parseRef: "by parseReference",
  parseAddress: "by parseHostPort and parseListenAddress",
  parsePathPattern: "by parsePathPatterns",
  parseGlob: "by parsePathPatterns",
  parseToml: "by parseConfig, parseIdentity and parseKeyring",
  readAddress: "by decodeTicket",
  readEncoding: "by decodeBlobRef",
  readAddresses: "by decodeFrames",
  decodeWhole: "by each body of a procedure",
  decodeTicketOrCode: "by decodeTicket and parseCode",
  // The words of the user, and of the kernel.
  decodeStatx: "bytes of the kernel",
  parseObjectsUrl: "the user's arguments",
  parseAwsFile: "the user's own file, parsed by a package",
  parseRate: "the user's arguments",
  parseByteCount: "the user's arguments",
  parseU64: "the user's arguments",
  parseHex32: "the user's arguments",
  parseDuration: "the user's arguments",
  parseArguments: "the user's arguments",
};

interface Decoder {
  readonly name: string;
  readonly path: string;
}

/** The decoders of the sources. */
async function decoders(): Promise<Decoder[]> {
  const found: Decoder[] = [];
  const files: AsyncIterable<{ path: string }> = walk(`${ROOT}lib`, {
    exts: [".ts"],
    skip: [/_test\.ts$/, /_bundle\.ts$/, /[\\/]testing[\\/]/],
  });
  for await (const { path } of files) {
    const text = await Deno.readTextFile(path);
    for (const [, ...names] of text.matchAll(DECODER)) {
      const name = names.find((one) => one !== undefined)!;
      found.push({ name, path: relative(ROOT, path) });
    }
  }
  return found;
}

/** The words of the targets. */
function words(): Set<string> {
  const all = new Set<string>();
  for (const { name } of Deno.readDirSync(`${ROOT}tests/fuzz`)) {
    if (!/_targets?\.ts$/.test(name)) continue;
    const text = Deno.readTextFileSync(`${ROOT}tests/fuzz/${name}`);
    for (const [word] of text.matchAll(/\w+/g)) all.add(word);
  }
  return all;
}

Deno.test("every decoder of what comes from outside is fuzzed, or said why not", async () => {
  const all = await decoders();
  assert(all.length > 50);
  const fuzzed = words();
  const missing = all.filter(({ name }) =>
    !fuzzed.has(name) && !Object.hasOwn(OTHERS, name)
  );
  assertEquals(missing, []);
  const names = new Set(all.map(({ name }) => name));
  const gone = Object.keys(OTHERS).filter((name) => !names.has(name));
  assertEquals(gone, [], "they are excused and not there");
});

Deno.test("targets have names of their own", () => {
  assertEquals(new Set(TARGETS.map(({ name }) => name)).size, TARGETS.length);
});
