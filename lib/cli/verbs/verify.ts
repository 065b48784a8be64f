/** `verify`: holds a file or a tree against a reference, or checks a store. */

import type { BlobRef } from "../../content/mod.ts";
import { UsageError } from "../../errors.ts";
import {
  type CheckedSource,
  checkSource,
  type DiskStore,
} from "../../store/mod.ts";
import { defineVerb, type Verb } from "../command.ts";
import { optionalArgument } from "../framework/options/option.ts";
import { PATH, readable } from "../framework/options/value_kind.ts";
import { readReference } from "../node/read_given.ts";
import {
  isTicket,
  REFERENCE,
  type ReferenceSource,
} from "../node/reference.ts";
import { ticketRefIn } from "../node/ticket_ref_in.ts";
import { inStage } from "../stage.ts";
import { openNamedStore } from "../stores/named_store.ts";
import { checkContent } from "../verifying/check_content.ts";
import { checkStore } from "../verifying/check_store.ts";
import { refuseIdle, VERIFY_OPTIONS } from "../verifying/verify_options.ts";

/** The reference that was given, itself or in a ticket of the same kind. */
async function readExpected(
  given: ReferenceSource,
  { path, kind }: CheckedSource,
  store: DiskStore | undefined,
): Promise<BlobRef> {
  // No secret of a ticket is used here.
  const ref = await readReference(given, true);
  if (!isTicket(ref)) return ref;
  const { content } = ref;
  if (content === undefined) {
    throw new UsageError("the ticket carries no reference", {
      hint: "take a ticket of a path, or give the hex",
    });
  }
  if (content.kind !== kind) {
    const nouns = { blob: "file", dir: "directory" };
    throw new UsageError(
      `the ticket names a ${nouns[content.kind]}, and '${path}' is a ${
        nouns[kind]
      }`,
    );
  }
  if (store !== undefined || content.form === "inline") {
    return await ticketRefIn(store ?? NO_STORE, content);
  }
  throw new UsageError(
    "the ticket only names where the node has its reference",
    { hint: "give the reference itself, which send-dir or serve printed" },
  );
}

const NO_STORE = { get: () => Promise.resolve(undefined) };

export const verb: Verb = defineVerb({
  arguments: {
    ref: optionalArgument(
      REFERENCE,
      "What it should be: the hex that send-blob, send-dir or serve printed, a ticket, @FILE, or - for stdin",
    ),
    path: optionalArgument(readable(PATH), "File or directory to check"),
  },
  options: VERIFY_OPTIONS,
  description:
    "Reads a file or a directory, without a node and without changing anything, and exits with 0 if it is what the reference names, else with 3 and a list of what differs: of a file the chunks, of a directory what is missing, more, another type, content, mode or link. What differs in a directory is told by its manifest, which a store has, and which recv-dir keeps. Links are never followed. With --store alone every chunk of a store directory is read and checked, beside programs that serve from it or add to it.",
  examples: [
    {
      line: "verify @photos.ref ./photos",
      does: "Check a directory that was fetched",
    },
    {
      line: "verify @film.ref film.mkv --output json",
      does: "Tell which parts of a file are damaged",
    },
    { line: "verify --store ./store", does: "Check every chunk of a store" },
  ],
  async run({ ref: given, path: typed, ...values }, context) {
    const { store: storePath } = values;
    if (given === undefined && storePath !== undefined) {
      refuseIdle(values);
      return await checkStore(storePath, values, context);
    }
    if (given === undefined || typed === undefined) {
      const what = given === undefined ? "REF" : "PATH";
      throw new UsageError(
        `the following required argument was not provided: <${what}>`,
        { hint: "or check a whole store with --store DIR" },
      );
    }
    const source = await inStage("open", () => checkSource(typed, "verify"));
    await using store = storePath === undefined
      ? undefined
      : await openNamedStore(storePath);
    const ref = await readExpected(given, source, store);
    await checkContent({ source, ref, store }, values, context);
  },
});
