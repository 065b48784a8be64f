/** Where chunks lie, as it is written: a mirror or an object store. */

import { shownUrl } from "./shown_url.ts";

/** The base of a mirror: `<base>/blob/<hash>` is a chunk. */
export interface MirrorLocation {
  readonly kind: "http";
  /** Ends with a slash; may have a query, which goes with each request. */
  readonly url: URL;
}

/** A part of a bucket: `<prefix>blob/<hash>` is a chunk. */
export interface BucketLocation {
  readonly kind: "s3";
  readonly bucket: string;
  /** Empty, or ends with a slash. */
  readonly prefix: string;
}

/** Where chunks lie. */
export type ObjectsLocation = MirrorLocation | BucketLocation;

/** Whether a text is meant as a {@linkcode ObjectsLocation}, and not as a path. */
export function isObjectsUrl(text: string): boolean {
  return /^\s*(?:https?|s3):\/\//i.test(text);
}

/**
 * Parses `http(s)://HOST/BASE` or `s3://BUCKET/PREFIX`.
 *
 * @throws {RangeError} When it is neither; the message says what is expected.
 */
export function parseObjectsUrl(text: string): ObjectsLocation {
  const trimmed = text.trim();
  if (/^s3:/i.test(trimmed)) return parseBucket(trimmed);
  const url = URL.parse(trimmed);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new RangeError("expected http(s)://HOST/BASE or s3://BUCKET/PREFIX");
  }
  url.hash = "";
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  return { kind: "http", url };
}

/**
 * The part of {@linkcode parseObjectsUrl} for buckets. Names are those that
 * servers take (3 to 63 characters of lower-case letters, digits, dots and
 * hyphens), with a little more that old ones have.
 */
function parseBucket(text: string): BucketLocation {
  const [, bucket, path = ""] = /^s3:\/\/([^/]*)(?:\/(.*))?$/is.exec(text) ??
    [];
  if (bucket === undefined || !/^[A-Za-z0-9][\w.-]{1,254}$/.test(bucket)) {
    throw new RangeError("expected s3://BUCKET/PREFIX");
  }
  const names = path.split("/").filter((name) => name !== "");
  if (/[?#]/.test(path) || names.some((name) => /^\.\.?$/.test(name))) {
    throw new RangeError(
      "expected s3://BUCKET/PREFIX with names between slashes, without ? and #",
    );
  }
  return {
    kind: "s3",
    bucket,
    prefix: names.map((name) => `${name}/`).join(""),
  };
}

/** The location as messages show it, without secrets. */
export function shownLocation(location: ObjectsLocation): string {
  return location.kind === "http"
    ? shownUrl(location.url)
    : `s3://${location.bucket}/${location.prefix}`.replace(/\/$/, "");
}
