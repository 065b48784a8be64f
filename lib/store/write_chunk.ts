import { type CacheRank, rankChunk } from "./cache_rank.ts";
import { FIRST_GENERATION, POINTER_NAME } from "./chunk_directory.ts";
import type { NewFiles } from "./new_files.ts";
import type { StoreModes } from "./store_modes.ts";
import {
  encodePointer,
  encodeRecord,
  encodeTimestamp,
  type RecordChecksum,
} from "./store_record.ts";

/**
 * Makes the directory of a chunk, whole, where nothing is yet.
 *
 * @param built Its path for now.
 * @param bytes The chunk.
 * @param modes Of what is made.
 * @param files Writes its files.
 * @param checksum Of its record.
 * @param rank Given by a cache.
 */
export async function writeChunk(
  built: string,
  bytes: Uint8Array,
  { file, dir: mode }: StoreModes,
  files: NewFiles,
  checksum: RecordChecksum,
  rank: CacheRank | undefined,
): Promise<void> {
  const generation = `${built}/${FIRST_GENERATION}`;
  Deno.mkdirSync(built, { mode });
  Deno.mkdirSync(generation, { mode });
  await files.write(`${generation}/dat`, bytes, file);
  const { length } = bytes;
  const sum = checksum.low28(bytes);
  const record = encodeRecord({ seq: 0n, offset: 0, length, sum });
  files.writeSync(`${generation}/idx`, record, file);
  files.writeSync(`${generation}/ts`, encodeTimestamp(Date.now()), file);
  const pointer = encodePointer(1, checksum);
  files.writeSync(`${built}/${POINTER_NAME}`, pointer, file);
  // Before it appears: a cache that is killed leaves nothing it may not remove.
  if (rank !== undefined) rankChunk(built, rank);
  files.syncDirectories(generation, built);
}
