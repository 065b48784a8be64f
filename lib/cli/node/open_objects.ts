/** Mirrors and buckets as the command line names them. */

import { UsageError } from "../../errors.ts";
import {
  type ChunkReader,
  type ObjectsLocation,
  openObjects,
  parseObjectsUrl,
  S3Store,
} from "../../objects/mod.ts";
import { readEnv } from "../framework/environment.ts";
import type { Log } from "../framework/terminal/log.ts";

/** Opens what may be read from. */
export function openReader(
  location: ObjectsLocation,
  log: Log,
  timeoutMs?: number,
): Promise<ChunkReader> {
  return openObjects(location, {
    readEnv,
    onProblem: (message) => log.warn(message),
    ...(timeoutMs !== undefined && { timeoutMs }),
  });
}

/** Opens a bucket by its URL. */
export function openBucket(url: string, log: Log): Promise<S3Store> {
  const location = parseObjectsUrl(url);
  if (location.kind !== "s3") throw new UsageError(`${url} is no bucket`);
  return S3Store.open(location, {
    readEnv,
    onProblem: (message) => log.warn(message),
  });
}
