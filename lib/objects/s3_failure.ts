/** What S3-compatible stores refuse, in words that say what to do. */

import {
  ConfigError,
  NotFoundError,
  PermissionError,
  StoreError,
  type TransferError,
  UsageError,
} from "../errors.ts";
import { escapeText } from "../text/escape.ts";
import type { HttpAnswer } from "./http_requests.ts";
import type { S3Config } from "./s3_config.ts";
import { elementText } from "./s3_xml.ts";

/** What was asked, of which bucket. */
export interface S3Request {
  readonly bucket: string;
  /** As in `may not be …`: `read`, `written` or `listed`. */
  readonly deed: "read" | "written" | "listed";
  readonly config: S3Config;
  /** Where it was asked, without secrets. */
  readonly host: string;
}

/** Longest text of a server in a message, in characters. */
const SAID_MAX = 200;

/** The error code of an answer, such as `NoSuchKey`. */
export function s3Code({ bytes }: Pick<HttpAnswer, "bytes">): string {
  return elementText(new TextDecoder().decode(bytes), "Code") ?? "";
}

/** The region that a bucket is in, if an answer says that it is another one. */
export function regionOf(
  { headers, bytes }: Pick<HttpAnswer, "headers" | "bytes">,
): string | undefined {
  const region = headers.get("x-amz-bucket-region") ??
    elementText(new TextDecoder().decode(bytes), "Region");
  return region != null && /^[a-z0-9-]{1,32}$/.test(region)
    ? region
    : undefined;
}

/** Whether an answer says that the bucket is to be asked for elsewhere. */
export function isElsewhere(answer: HttpAnswer): boolean {
  return answer.status === 301 || answer.status === 307 ||
    answer.status === 400 && [
        "AuthorizationHeaderMalformed",
        "IllegalLocationConstraintException",
        "IncorrectEndpoint",
      ].includes(s3Code(answer));
}

/** Makes an error of an answer that is none. */
export function s3Failure(
  answer: HttpAnswer,
  { bucket, deed, config, host }: S3Request,
): TransferError {
  const code = s3Code(answer);
  const { status } = answer;
  const fields = { bucket, host, status, ...(code !== "" && { code }) };
  const shown = `the bucket ${bucket} at ${host}`;
  if (isElsewhere(answer)) {
    const region = regionOf(answer);
    return new ConfigError(
      region === undefined
        ? `${shown} is in another region than ${config.region}`
        : `${shown} is in the region ${region}, not in ${config.region}`,
      { hint: `set AWS_REGION to ${region ?? "its region"}`, fields },
    );
  }
  switch (code) {
    case "NoSuchBucket":
      return new NotFoundError(`there is no bucket ${bucket} at ${host}`, {
        hint: "make it first, or check its name and AWS_ENDPOINT_URL",
        fields,
      });
    case "InvalidBucketName":
      return new UsageError(`${bucket} is no name for a bucket`, { fields });
    case "InvalidAccessKeyId":
      return new PermissionError(`${host} does not know the access key`, {
        hint:
          "check AWS_ACCESS_KEY_ID or the profile, and that AWS_ENDPOINT_URL is where the key is from",
        fields,
      });
    case "SignatureDoesNotMatch":
      return new PermissionError(`${host} does not accept the signature`, {
        hint:
          "check AWS_SECRET_ACCESS_KEY or the profile; a proxy that changes requests causes it, too",
        fields,
      });
    case "ExpiredToken":
    case "InvalidToken":
    case "TokenRefreshRequired":
      return new PermissionError(`${host} says that the credentials are over`, {
        hint: "get new ones, and set AWS_SESSION_TOKEN with the others",
        fields,
      });
    case "RequestTimeTooSkewed":
    case "RequestExpired":
      return new PermissionError(
        `${host} has another time than this machine${
          clockOf(answer)
        }, and takes no requests from it`,
        { hint: "set the clock of this machine", fields },
      );
    case "EntityTooLarge":
    case "QuotaExceeded":
    case "XMinioStorageFull":
    case "InsufficientStorage":
      return new StoreError(`${shown} has no room: ${said(answer, code)}`, {
        fields,
      });
  }
  if (status === 401 || status === 403) {
    return new PermissionError(
      `${shown} may not be ${deed} (${code || status})`,
      {
        hint: config.credentials === undefined
          ? `no credentials were found; looked for ${
            config.lookedIn.join(", ")
          }`
          : "the credentials lack the right to do so: s3:GetObject to read, s3:PutObject to write, s3:ListBucket to list",
        fields,
      },
    );
  }
  return new StoreError(`${shown} answers with ${said(answer, code)}`, {
    fields,
  });
}

function said({ status, bytes }: HttpAnswer, code: string): string {
  const text = elementText(new TextDecoder().decode(bytes), "Message") ?? "";
  const words = escapeText(text).slice(0, SAID_MAX);
  return [status, code, words].filter((part) => part !== "").join(" ");
}

/** The time that a server has, for who wonders whose clock is wrong. */
function clockOf({ headers, bytes }: HttpAnswer): string {
  const xml = new TextDecoder().decode(bytes);
  const time = Date.parse(
    elementText(xml, "ServerTime") ?? headers.get("date") ?? "",
  );
  return Number.isNaN(time) ? "" : ` (${new Date(time).toISOString()})`;
}
