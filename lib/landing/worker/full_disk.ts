import { IoError } from "../../errors.ts";

/**
 * Tells whether a write failed for want of room: then what was written so far
 * fills a disk that has none for the rest.
 */
export function isDiskFull(error: unknown): boolean {
  return error instanceof IoError &&
    (error.fields.os === "ENOSPC" || error.fields.os === "EDQUOT");
}
