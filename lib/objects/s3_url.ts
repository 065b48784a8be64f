/** URLs of S3-compatible stores. */

import type { S3Config } from "./s3_config.ts";

/**
 * The URL of an object, or of its bucket.
 *
 * A bucket is part of the host, or of the path: where the endpoint is not that
 * of AWS, and where its name has dots, which no certificate covers.
 *
 * @param config How to reach the store.
 * @param bucket Its name.
 * @param key The name of the object; empty for the bucket itself.
 * @param query What is asked for.
 */
export function s3Url(
  { endpoint, region, pathStyle }: Pick<
    S3Config,
    "endpoint" | "region" | "pathStyle"
  >,
  bucket: string,
  key: string,
  query: Readonly<Record<string, string>> = {},
): URL {
  const url = new URL(endpoint ?? `https://s3.${region}.${domainOf(region)}`);
  const inPath = pathStyle || bucket.includes(".");
  if (!inPath) url.host = `${bucket}.${url.host}`;
  const path = inPath ? `${bucket}/${key}` : key;
  url.pathname = url.pathname.replace(/\/*$/, "/") +
    path.split("/").map(encodeName).join("/");
  url.search = Object.entries(query).map(([name, value]) =>
    `${encodeName(name)}=${encodeName(value)}`
  ).join("&");
  return url;
}

function domainOf(region: string): string {
  return region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
}

/** RFC 3986: all but unreserved characters, as the signature has it. */
function encodeName(name: string): string {
  return encodeURIComponent(name).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
