import { TaskGroup } from "../../async/task_group.ts";
import { READER_REQUESTS_MAX } from "../../limits.ts";
import type { FetchChunkOptions, WantedChunk } from "../ask/chunk_fetcher.ts";
import type { ChunkSource, EachChunk } from "../ask/chunk_source.ts";

/** Fetches chunks with a request for each, and does without those that fail. */
export async function fetchOneByOne(
  source: Pick<ChunkSource, "fetchChunk">,
  wanted: readonly WantedChunk[],
  options: FetchChunkOptions,
  { use, lose }: EachChunk,
): Promise<void> {
  const { signal, label } = options;
  const group = new TaskGroup({ maxTasks: READER_REQUESTS_MAX, signal });
  await group.run(wanted.entries(), async ([index, chunk], signal) => {
    const about = { ...options, signal, label: label && (() => label(index)) };
    await source.fetchChunk(chunk, about, (bytes) => use(index, bytes))
      .catch((error) => lose(index, error));
  });
}
