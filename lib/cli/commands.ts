/** Every verb there is. Adding one is a line here and a file in `verbs/`. */

import type { Verb } from "./command.ts";
import type { CommandEntry } from "./framework/program.ts";

const identity = () => import("./verbs/identity.ts");
const psk = () => import("./verbs/psk.ts");
const transfers = () => import("./verbs/transfers.ts");

/**
 * All verbs, in the order in which they are needed. Adding one is a line here and a file in
 * `verbs/`.
 */
export const COMMANDS: readonly CommandEntry<Verb>[] = [
  {
    name: "share",
    summary: "Share files and directories with one pasted command",
    group: "Share",
    load: () => import("./verbs/share.ts"),
  },
  {
    name: "get",
    summary: "Fetch what somebody shares",
    group: "Share",
    load: () => import("./verbs/get.ts"),
  },
  {
    name: "serve",
    summary: "Let others fetch files, directories and a store",
    group: "Serve and fetch",
    load: () => import("./verbs/serve.ts"),
  },
  {
    name: "recv-dir",
    summary: "Fetch a directory tree",
    group: "Serve and fetch",
    load: () => import("./verbs/recv_dir.ts"),
  },
  {
    name: "recv-blob",
    summary: "Fetch a blob into a file",
    group: "Serve and fetch",
    load: () => import("./verbs/recv_blob.ts"),
  },
  {
    name: "send-dir",
    summary: "Print the reference of a directory tree, and stage it in a store",
    group: "Stage content",
    load: () => import("./verbs/send_dir.ts"),
  },
  {
    name: "send-blob",
    summary: "Print the reference of a file, and stage it in a store",
    group: "Stage content",
    load: () => import("./verbs/send_blob.ts"),
  },
  {
    name: "verify",
    summary: "Check a file, a tree or a store, without a node",
    group: "Stage content",
    load: () => import("./verbs/verify.ts"),
  },
  {
    name: "store",
    summary: "Look at a store directory, copy it, and remove what nobody needs",
    group: "Stage content",
    verbs: [
      {
        name: "ls",
        summary: "List the chunks of a store",
        load: () => import("./verbs/store_ls.ts"),
      },
      {
        name: "gc",
        summary: "Remove the chunks that no kept reference needs",
        load: () => import("./verbs/store_gc.ts"),
      },
      {
        name: "export",
        summary: "Write chunks as plain files, for any web server",
        load: () => import("./verbs/store_export.ts"),
      },
      {
        name: "import",
        summary: "Take chunks from plain files or another store",
        load: () => import("./verbs/store_import.ts"),
      },
    ],
  },
  {
    name: "ls",
    summary: "List the transfers that a node has under way",
    group: "Watch a node",
    load: async () => ({ verb: (await transfers()).ls }),
  },
  {
    name: "status",
    summary: "Look at one transfer of a node",
    group: "Watch a node",
    load: async () => ({ verb: (await transfers()).status }),
  },
  {
    name: "cancel",
    summary: "End one transfer of a node",
    group: "Watch a node",
    load: async () => ({ verb: (await transfers()).cancel }),
  },
  {
    name: "limit",
    summary: "Change how fast a node may send",
    group: "Watch a node",
    load: () => import("./verbs/limit.ts"),
  },
  {
    name: "discover",
    summary: "List the holders on the local network that announce themselves",
    group: "Watch a node",
    load: () => import("./verbs/discover.ts"),
  },
  {
    name: "doctor",
    summary: "Look for what keeps fetches from working or from being fast",
    group: "Watch a node",
    load: () => import("./verbs/doctor.ts"),
  },
  {
    name: "identity",
    summary: "Make and look at the keys of a node",
    group: "Set up",
    verbs: [
      {
        name: "generate",
        summary: "Make an identity file",
        load: async () => ({ verb: (await identity()).generate }),
      },
      {
        name: "show",
        summary: "Print the public part of an identity file",
        load: async () => ({ verb: (await identity()).show }),
      },
      {
        name: "fingerprint",
        summary: "Print a short fingerprint of an identity file",
        load: async () => ({ verb: (await identity()).fingerprint }),
      },
    ],
  },
  {
    name: "psk",
    summary: "Give out and revoke the pre-shared keys of a node, one by one",
    group: "Set up",
    verbs: [
      {
        name: "list",
        summary: "Name the keys that have been given out",
        load: async () => ({ verb: (await psk()).list }),
      },
      {
        name: "add",
        summary: "Draw a key for somebody, and print a ticket with it",
        load: async () => ({ verb: (await psk()).add }),
      },
      {
        name: "revoke",
        summary: "Shut out who has a key, at once",
        load: async () => ({ verb: (await psk()).revoke }),
      },
    ],
  },
  {
    name: "completion",
    summary: "Print the completion script of a shell",
    group: "Set up",
    load: () => import("./verbs/completion.ts"),
  },
  {
    name: "man",
    summary: "Print a page of the manual",
    group: "Set up",
    load: () => import("./verbs/man.ts"),
  },
  {
    name: "version",
    summary: "Print the versions of the program and its runtime",
    group: "Set up",
    load: () => import("./verbs/version.ts"),
  },
];
