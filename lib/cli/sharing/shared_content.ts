/** What `share` lets others fetch: paths as they lie, as one thing. */

import {
  type BlobRef,
  blobRefSize,
  distinctNames,
  readDirEntries,
} from "../../content/mod.ts";
import type { TicketContent } from "../../mesh/mod.ts";
import {
  type ChunkStore,
  CombinedStore,
  combineSources,
  MemoryStore,
  type PathFilter,
  type PublishedRef,
  readManifestIn,
  SourceStore,
} from "../../store/mod.ts";
import { ticketContentOf } from "../../transfer/mod.ts";
import { showArgument } from "../../os/raw_arguments.ts";
import { isOsError } from "../../os/os_error.ts";
import type { Context } from "../command.ts";
import { publishUpdate } from "../progress/progress_updates.ts";
import { hashing } from "../publishing/publish.ts";
import { problemLog } from "../serving/problem_log.ts";
import { publishedName } from "../serving/serve_tickets.ts";
import { type ShareValues, STDIN } from "./share_options.ts";
import { Spool } from "./spool.ts";

/** What several paths are called together. */
const TOGETHER = "shared";

export interface SharedContent extends AsyncDisposable {
  readonly store: ChunkStore;
  /** The paths. */
  readonly source: SourceStore;
  readonly ref: BlobRef;
  /** What the ticket carries, with the name. */
  readonly content: TicketContent;
  /** Bytes of all files together. */
  readonly bytes: bigint;
  readonly files: number;
  /** The name and size of each path, where there are several. */
  readonly parts: readonly Pick<PublishedRef, "kind" | "size" | "path">[];
}

/** The mode of a path; not known where only its bytes name it. */
function modeOf(path: string): number {
  try {
    return Deno.statSync(path).mode ?? 0;
  } catch (error) {
    if (!isOsError(error)) throw error;
    return 0;
  }
}

/** Counts the files of a directory that was just published. */
async function countFiles(store: ChunkStore, ref: BlobRef): Promise<number> {
  const manifest = await readManifestIn(store, ref);
  let files = 0;
  for (const { kind } of readDirEntries(manifest ?? new Uint8Array([1, 0]))) {
    if (kind.type === "file") files++;
  }
  return files;
}

function hash(
  values: ShareValues,
  paths: readonly string[],
  filter: PathFilter | undefined,
  context: Context,
): Promise<SourceStore> {
  const [first, ...more] = values.paths;
  const named = (first === STDIN ? "stdin" : showArgument(first)) +
    (more.length > 0 ? ` and ${more.length} more` : "");
  return hashing(
    values,
    { label: `reading ${named}` },
    context,
    (options, report) =>
      SourceStore.of(paths, {
        ...options,
        filter,
        onProblem: problemLog(context.log),
        onProgress: report && ((at) => report(publishUpdate(at))),
      }),
  );
}

/** Reads the paths, stdin among them, and makes one thing of them. */
export async function openShared(
  values: ShareValues,
  filter: PathFilter | undefined,
  context: Context,
): Promise<SharedContent> {
  await using opened = new AsyncDisposableStack();
  const spool = values.paths.includes(STDIN)
    ? opened.use(await Spool.fill(context))
    : undefined;
  const paths = values.paths.map((path) =>
    path === STDIN && spool ? spool.path : path
  );
  const source = opened.use(await hash(values, paths, filter, context));
  const made = opened.use(new MemoryStore());
  const store = new CombinedStore([source, made]);
  const { refs } = source;
  // A path that has vanished meanwhile is not among them.
  const [only] = refs;
  const isOne = values.paths.length === 1;
  const names = refs.map(({ path }) =>
    path === spool?.path ? "stdin" : publishedName(path)
  );
  const { kind, ref } = isOne ? only : {
    kind: "dir" as const,
    ref: await combineSources(
      source,
      distinctNames(names).map((name, at) => ({
        ...refs[at],
        name,
        mode: refs[at].path === spool?.path ? 0 : modeOf(refs[at].path),
      })),
      made,
    ),
  };
  const name = values.name ?? (isOne ? names[0] : TOGETHER);
  const content = await ticketContentOf({ kind, name, ref }, made);
  const bytes = isOne && kind === "blob"
    ? blobRefSize(ref)
    : refs.reduce((sum, { size }) => sum + size, 0n);
  const files = kind === "dir" ? await countFiles(store, ref) : 1;
  const kept = opened.move();
  return {
    store,
    source,
    ref,
    content: { ...content, name },
    bytes,
    files,
    parts: isOne ? [] : refs.map((part, at) => ({
      ...part,
      path: distinctNames(names)[at],
    })),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
