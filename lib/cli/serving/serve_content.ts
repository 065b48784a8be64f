/**
 * What `serve` responds with: paths as they lie, a store, and what a cache
 * fetches.
 */

import type { TicketContent } from "../../mesh/mod.ts";
import { isObjectsUrl } from "../../objects/mod.ts";
import { lookAt } from "../../os/os_error.ts";
import {
  type ChunkStore,
  CombinedStore,
  DiskStore,
  MemoryStore,
  type PathFilter,
  type PublishedRef,
  SourceStore,
} from "../../store/mod.ts";
import { showArgument } from "../../os/raw_arguments.ts";
import type { Context } from "../command.ts";
import type { Log } from "../framework/terminal/log.ts";
import { publishUpdate } from "../progress/progress_updates.ts";
import { hashing } from "../publishing/publish.ts";
import {
  type CacheOptions,
  openCache,
  openServedBucket,
} from "./open_cache.ts";
import { problemLog } from "./problem_log.ts";
import { PublishedPaths } from "./published_paths.ts";
import type { ServeValues } from "./serve_options.ts";
import { ticketContents } from "./serve_tickets.ts";

export interface Content extends AsyncDisposable {
  readonly store: ChunkStore;
  /** The paths, if there are any: they may change. */
  readonly published?: PublishedPaths;
  readonly refs: readonly PublishedRef[];
  /** What the ticket of each reference carries. */
  readonly contents: readonly TicketContent[];
  /** Told when `refs` and `contents` are others. */
  onRefreshed: () => Promise<void>;
}

/**
 * Chunks are looked for in the paths first, then in the store, last at the
 * upstream of a cache.
 */
export async function openContent(
  values: ServeValues,
  filter: PathFilter | undefined,
  cache: CacheOptions | undefined,
  context: Context,
): Promise<Content> {
  const { paths } = values;
  const { log } = context;
  await using opened = new AsyncDisposableStack();
  const stores: ChunkStore[] = [];
  let published: PublishedPaths | undefined;
  const onProblem = problemLog(log);
  // What can fail at once comes before the long reading.
  const last = opened.use(await openLast(values, cache, log, onProblem));
  if (paths.length > 0) {
    const [first, ...more] = paths;
    const named = showArgument(first) +
      (more.length > 0 ? ` and ${more.length} more` : "");
    log.info("hashing what is to be served", { paths: named });
    const about = { label: `reading ${named}` };
    let progress = values.progress;
    const publish = async () => {
      const how = { ...values, progress };
      // Later on there is something else to be seen.
      progress = "none";
      return await hashing(
        how,
        about,
        context,
        (options, report) =>
          SourceStore.of(paths, {
            ...options,
            filter,
            onProblem,
            onProgress: report && ((at) => report(publishUpdate(at))),
          }),
      );
    };
    const { refresh } = values;
    published = await PublishedPaths.open({ publish, refresh, log });
    opened.use(published);
    stores.push(published);
  }
  const encodedRefs = opened.use(new MemoryStore());
  const refs = () => published?.refs ?? [];
  let contents = await ticketContents(refs(), encodedRefs);
  if (published !== undefined) {
    published.onRefreshed = async () => {
      contents = await ticketContents(refs(), encodedRefs);
      await told();
    };
  }
  let told = () => Promise.resolve();
  stores.push(encodedRefs);
  if (last !== undefined) stores.push(last);
  const kept = opened.move();
  return {
    store: new CombinedStore(stores),
    published,
    get refs() {
      return refs();
    },
    get contents() {
      return contents;
    },
    set onRefreshed(tell: () => Promise<void>) {
      told = tell;
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** The store of `--store`, if there is one: with an upstream it is a cache. */
async function openLast(
  { store: dir, trustParent }: ServeValues,
  cache: CacheOptions | undefined,
  log: Log,
  onProblem: (message: string) => void,
): Promise<ChunkStore | undefined> {
  if (dir === undefined) return undefined;
  if (isObjectsUrl(dir)) return await openServedBucket(dir, log);
  const disk = await DiskStore.open(dir, { onProblem, trustParent });
  if (cache !== undefined) return await openCache(disk, cache, log);
  if (lookAt(dir) === undefined) {
    log.warn("the store does not exist yet", { store: dir });
  }
  return disk;
}
