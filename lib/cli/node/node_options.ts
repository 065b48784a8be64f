/** The options that say which node to attach to, and how. */

import { ATTACH_BUDGET_MS } from "../../limits.ts";
import { TIME_LIMIT } from "../framework/options/duration.ts";
import {
  flag,
  grouped,
  optional,
  type OptionTable,
  type ValuesOf,
} from "../framework/options/option.ts";
import { HEX32, SECRET_HEX32 } from "../framework/options/hex32.ts";
import { choice, FILE, U64 } from "../framework/options/value_kind.ts";
import { DIAL_ADDRESS } from "../options/address.ts";
import { TICKET } from "./named_node.ts";

/** The options that give the pre-shared key. */
export const PSK_OPTIONS = {
  pskHex: optional("psk-hex", SECRET_HEX32, {
    env: "NET_MESH_PSK_HEX",
    conflicts: ["psk-file"],
    help: "Pre-shared key; a command line can be seen by others, prefer a file",
  }),
  pskFile: optional("psk-file", FILE, {
    isUsual: true,
    env: "NET_MESH_PSK_FILE",
    conflicts: ["psk-hex"],
    help: "File with the pre-shared key: 64 hex digits or 32 raw bytes",
  }),
  insecurePermissions: flag("insecure-permissions", {
    help: "Accept files with secrets that others can read",
  }),
} satisfies OptionTable;

export const CONGESTION_CONTROL = choice("CONTROL", ["bbr", "cubic"]);

/** Chooses the congestion control of a holder. */
export const CONGESTION = optional(
  "congestion",
  CONGESTION_CONTROL,
  {
    help:
      "Congestion control of what the holder sends, for a fetch a wish: bbr keeps its rate where packets are lost, cubic is gentler beside other traffic",
    shownDefault: "bbr",
  },
);

export const DIRECT_MODE = choice("MODE", ["auto", "never"]);

/** Says whether sessions by way of a relay may go past it. */
export const DIRECT = optional("direct", DIRECT_MODE, {
  help:
    "Past a relay where there is a way, auto, which tells the other end the addresses of this machine, or never",
  shownDefault: "auto",
});

/** Options that name a node without a ticket. */
const NODE_FLAGS = ["node-addr", "node-pubkey", "node-id"] as const;

/** The options that say which node to attach to and how. */
export const ATTACH_OPTIONS = grouped("Attach options", {
  ticket: optional("ticket", TICKET, {
    env: "NET_MESH_TICKET",
    conflicts: ["ticket-file", ...NODE_FLAGS],
    isUsual: true,
    help:
      "Ticket that 'net-transfer serve' printed, or @FILE: stands for the address and the key",
  }),
  ticketFile: optional("ticket-file", FILE, {
    conflicts: ["ticket", ...NODE_FLAGS],
    help: "File with the ticket; one that holds a key must be private",
  }),
  nodeAddr: optional("node-addr", DIAL_ADDRESS, {
    help: "Address of the node: IP:PORT, [IPv6]:PORT or HOST:PORT",
  }),
  nodePubkey: optional("node-pubkey", HEX32, {
    help: "Public key of the node: 64 hex digits",
  }),
  nodeId: optional("node-id", U64, {
    help: "Id of the node; must be the one of its public key",
    shownDefault: "derived from the key",
  }),
  ...PSK_OPTIONS,
  identity: optional("identity", FILE, {
    help: "Identity file to attach with",
    shownDefault: "a fresh key for each run",
  }),
  connectTimeout: optional("connect-timeout", TIME_LIMIT, {
    help: "Give up attaching after this long; 0 for never",
    shownDefault: `${ATTACH_BUDGET_MS / 1000}s`,
  }),
});

export type AttachValues = ValuesOf<typeof ATTACH_OPTIONS>;
