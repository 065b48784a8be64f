/** Every verb there is. Adding one is a line here and a file in `verbs/`. */

import type { Verb } from "./command.ts";
import type { CommandEntry } from "./framework/program.ts";

const identity = () => import("./verbs/identity.ts");
const transfers = () => import("./verbs/transfers.ts");

/**
 * All verbs, in the order of help. Adding one is a line here and a file in
 * `verbs/`.
 */
export const COMMANDS: readonly CommandEntry<Verb>[] = [
  {
    name: "recv-blob",
    summary: "Fetch a blob into a file",
    load: () => import("./verbs/recv_blob.ts"),
  },
  {
    name: "send-blob",
    summary: "Print the reference of a file, and stage it in a store",
    load: () => import("./verbs/send_blob.ts"),
  },
  {
    name: "recv-dir",
    summary: "Fetch a directory tree",
    load: () => import("./verbs/recv_dir.ts"),
  },
  {
    name: "send-dir",
    summary: "Print the reference of a directory tree, and stage it in a store",
    load: () => import("./verbs/send_dir.ts"),
  },
  {
    name: "ls",
    summary: "List the transfers that a node has under way",
    load: async () => ({ verb: (await transfers()).ls }),
  },
  {
    name: "status",
    summary: "Look at one transfer of a node",
    load: async () => ({ verb: (await transfers()).status }),
  },
  {
    name: "cancel",
    summary: "End one transfer of a node",
    load: async () => ({ verb: (await transfers()).cancel }),
  },
  {
    name: "limit",
    summary: "Change how fast a node may send",
    load: () => import("./verbs/limit.ts"),
  },
  {
    name: "serve",
    summary: "Let others fetch files, directories and a store",
    load: () => import("./verbs/serve.ts"),
  },
  {
    name: "doctor",
    summary: "Look for what keeps fetches from working or from being fast",
    load: () => import("./verbs/doctor.ts"),
  },
  {
    name: "identity",
    summary: "Make and look at the keys of a node",
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
    name: "completion",
    summary: "Print the completion script of a shell",
    load: () => import("./verbs/completion.ts"),
  },
  {
    name: "man",
    summary: "Print a page of the manual",
    load: () => import("./verbs/man.ts"),
  },
  {
    name: "version",
    summary: "Print the versions of the program and its runtime",
    load: () => import("./verbs/version.ts"),
  },
];
