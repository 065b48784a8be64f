import type { TicketContent } from "../../mesh/mod.ts";
import { lookAt } from "../../os/os_error.ts";
import {
  type ChunkStore,
  CombinedStore,
  DiskStore,
  MemoryStore,
  type PublishedRef,
  SourceStore,
} from "../../store/mod.ts";
import type { Context } from "../command.ts";
import type { ProgressMode } from "../framework/progress/progress_display.ts";
import { publishUpdate } from "../progress/progress_updates.ts";
import {
  type ReportProgress,
  withProgress,
} from "../framework/progress/with_progress.ts";
import { type CacheOptions, openCache } from "./serve_cache.ts";
import { ticketContents } from "./serve_tickets.ts";

export interface ContentOptions {
  /** Files and directories to serve as they lie. */
  readonly paths: readonly string[];
  /** Directory of a store. */
  readonly dir?: string;
  /** Makes a cache of the store. */
  readonly cache?: CacheOptions;
  /** Threads that hash the paths. */
  readonly jobs: number;
  readonly progress: ProgressMode;
}

export interface Content extends AsyncDisposable {
  /** Where peers are answered from. */
  readonly store: ChunkStore;
  readonly refs: readonly PublishedRef[];
  /** What the ticket of each reference carries. */
  readonly contents: readonly TicketContent[];
}

/** Chunks are looked for in the paths first, then in the store, last at the upstream of a cache. */
export async function openContent(
  { paths, dir, cache, jobs, progress }: ContentOptions,
  context: Context,
): Promise<Content> {
  const { signal, log } = context;
  await using opened = new AsyncDisposableStack();
  const stores: ChunkStore[] = [];
  let refs: readonly PublishedRef[] = [];
  const onProblem = (message: string) => log.warn(message);
  if (paths.length > 0) {
    log.info("hashing what is to be served", { paths });
    const about = { label: `reading ${paths.join(", ")}` };
    const hash = (report: ReportProgress | undefined) =>
      SourceStore.of(paths, {
        signal,
        jobs,
        onProblem,
        onProgress: report && ((at) => report(publishUpdate(at))),
      });
    const source = await withProgress(progress, about, context, hash);
    opened.use(source);
    refs = source.refs;
    stores.push(source);
  }
  const encodedRefs = opened.use(new MemoryStore());
  const contents = await ticketContents(refs, encodedRefs);
  stores.push(encodedRefs);
  let store: ChunkStore = new CombinedStore(stores);
  if (dir !== undefined) {
    const disk = await DiskStore.open(dir, { onProblem });
    if (cache === undefined) {
      if (lookAt(dir) === undefined) {
        log.warn("the store does not exist yet", { store: dir });
      }
      store = new CombinedStore([...stores, opened.use(disk)]);
    } else {
      const filled = opened.use(openCache(disk, cache));
      store = new CombinedStore([...stores, filled]);
    }
  }
  const kept = opened.move();
  return {
    store,
    refs,
    contents,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
