/** What the verbs that fetch are told, told to `get`: by a ticket. */

import { blake3, parseRef } from "../../lib/content/mod.ts";
import {
  encodeTicket,
  type Ticket,
  type TicketContent,
} from "../../lib/mesh/mod.ts";
import { fromHex } from "../../lib/text/hex.ts";

const REFERENCES = { "recv-blob": "--blob-ref", "recv-dir": "--remote-ref" };
type Fetching = keyof typeof REFERENCES;

/** Of a node as options name it: what follows each of them. */
const NODE = ["--node-addr", "--node-pubkey", "--node-id", "--psk-hex"];

/** What a ticket carries of a reference; some holder has the rest of it. */
function contentOf(verb: Fetching, hex: string): TicketContent {
  const ref = parseRef(hex);
  const kind = verb === "recv-blob" ? "blob" : "dir";
  const common = { kind, name: "published" } as const;
  if (ref.kind === "small") {
    const { hash, size } = ref;
    return { ...common, form: "inline", hash, size: Number(size) };
  }
  const encoded = fromHex(hex);
  const hash = blake3(encoded);
  return { ...common, form: "indirect", hash, size: encoded.length };
}

/** Takes an option and what follows it out of a command line. */
function take(args: string[], option: string): string | undefined {
  const at = args.indexOf(option);
  return at < 0 ? undefined : args.splice(at, 2)[1];
}

/**
 * The same command line for `get`, if it fetches from a node that options name;
 * what is there is replaced, as an earlier fetch's is by the other verbs.
 */
export function asGet(line: readonly string[]): string[] {
  const args = [...line];
  const at = args.findIndex((word) => word in REFERENCES);
  if (at < 0) return args;
  const verb = args[at] as Fetching;
  const ref = take(args, REFERENCES[verb]);
  const [address, publicKey, _id, psk] = NODE.map((name) => take(args, name));
  const isNamed = ref !== undefined && address !== undefined &&
    publicKey !== undefined;
  if (!isNamed) return [...line];
  const ticket: Ticket = {
    publicKey: fromHex(publicKey),
    addresses: [address],
    ...(psk !== undefined && { psk: fromHex(psk) }),
    content: contentOf(verb, ref),
  };
  const asReference = args[at - 1] === "transfer";
  args.splice(asReference ? at - 1 : at, asReference ? 2 : 1);
  return [
    "get",
    encodeTicket(ticket),
    ...args.filter((word) => word !== "--replace"),
    "--force",
  ];
}
