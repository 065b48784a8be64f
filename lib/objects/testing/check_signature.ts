/**
 * Checks a signature of AWS Signature Version 4 as a server does, written from
 * its description and not with what our requests are signed with.
 */

import { createHash, createHmac } from "node:crypto";
import type { ScriptedRequest } from "./scripted_server.ts";

/** Longest difference between two clocks, in milliseconds. */
const SKEW_MS = 15 * 60_000;

/**
 * Checks a request.
 *
 * @param secrets The secret of each known key.
 * @param now Milliseconds of the Unix epoch.
 * @returns The code of the error, as S3 has it; `undefined` when it is right.
 */
export function checkSignature(
  request: Omit<ScriptedRequest, "body"> & { readonly body?: Uint8Array },
  secrets: Readonly<Record<string, string>>,
  now: number,
): string | undefined {
  const { method, target, headers, body = new Uint8Array() } = request;
  const parts =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/
      .exec(headers.get("authorization") ?? "");
  if (parts === null) return "AccessDenied";
  const [, key, day, region, names, signature] = parts;
  if (!Object.hasOwn(secrets, key)) return "InvalidAccessKeyId";
  const time = headers.get("x-amz-date") ?? "";
  const date = time.replace(
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/,
    "$1-$2-$3T$4:$5:$6Z",
  );
  if (!(Math.abs(Date.parse(date) - now) <= SKEW_MS)) {
    return "RequestTimeTooSkewed";
  }
  const digest = headers.get("x-amz-content-sha256") ?? "";
  if (digest !== "UNSIGNED-PAYLOAD" && digest !== sha256(body)) {
    return "XAmzContentSHA256Mismatch";
  }
  const signed = names.split(";");
  if (!["host", "x-amz-date"].every((name) => signed.includes(name))) {
    return "AccessDenied";
  }
  const url = new URL(target, "http://x");
  const query = [...url.searchParams]
    .map((pair) => pair.map(escape).join("=")).sort().join("&");
  const canonical = [
    method,
    url.pathname.split("/").map((name) => escape(decodeURIComponent(name)))
      .join("/"),
    query,
    ...signed.map((name) => `${name}:${headers.get(name)?.trim()}`),
    "",
    names,
    digest,
  ].join("\n");
  const scope = `${day}/${region}/s3/aws4_request`;
  const toSign = ["AWS4-HMAC-SHA256", time, scope, sha256(canonical)].join(
    "\n",
  );
  const signingKey = [day, region, "s3", "aws4_request"].reduce(
    (secret: string | Uint8Array, part) =>
      createHmac("sha256", secret).update(part).digest(),
    `AWS4${secrets[key]}`,
  );
  const expected = createHmac("sha256", signingKey).update(toSign)
    .digest("hex");
  return expected === signature ? undefined : "SignatureDoesNotMatch";
}

function sha256(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

function escape(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
