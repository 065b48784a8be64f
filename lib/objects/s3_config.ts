/** How to reach an S3-compatible store, from where other tools have it, too. */

import { ConfigError, PermissionError, UsageError } from "../errors.ts";
import { AWS_FILE_MAX } from "../limits.ts";
import { isNotFound } from "../os/os_error.ts";
import { ownUid } from "../os/own_uid.ts";
import { requireSafeWay } from "../os/safe_ancestors.ts";
import { readSmallFile } from "../os/small_file.ts";
import { quoteText } from "../text/escape.ts";
import { containerCredentials } from "./aws_container.ts";
import { processCredentials } from "./aws_process.ts";
import { RenewedCredentials } from "./renewed_credentials.ts";
import type { S3Credentials } from "./s3_credentials.ts";
import { type AwsProfile, parseAwsFile, profileOf } from "./aws_profile.ts";

/** How to reach a store. */
export interface S3Config {
  /** Where it is, unless it is the one of AWS in the region. */
  readonly endpoint?: URL;
  readonly region: string;
  /** Whether the bucket is part of the path, not of the host. */
  readonly pathStyle: boolean;
  /** Without them requests are not signed. */
  readonly credentials?: S3Credentials;
  /** Gives those that hold now, where they do not hold for ever. */
  readonly renew?: () => Promise<S3Credentials>;
  /** Where credentials were looked for, for messages. */
  readonly lookedIn: readonly string[];
}

/** Where {@linkcode readS3Config} reads. */
export interface S3Surroundings {
  /** The value of a variable; `undefined` when it is not set, or not to be read. */
  readonly readEnv: (name: string) => string | undefined;
  /** Told of what is not as it should be. */
  readonly onProblem?: (message: string) => void;
}

const DEFAULT_REGION = "us-east-1";

/**
 * Reads the variables and files that the command line of AWS reads: first
 * `AWS_ACCESS_KEY_ID` and its like, then the profile `AWS_PROFILE` of
 * `~/.aws/credentials` and `~/.aws/config`. Files are only read when something
 * is missing.
 *
 * @throws {ConfigError} When what they say cannot be used.
 * @throws {PermissionError} When they name a program that may not be run.
 */
export async function readS3Config(
  { readEnv, onProblem = () => {} }: S3Surroundings,
): Promise<S3Config> {
  const env = (...names: string[]) =>
    names.map(readEnv).find((value) => value !== undefined && value !== "");
  const name = env("AWS_PROFILE");
  const lookedIn = ["AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"];
  const given = fromEnvironment(env);
  let region = env("AWS_REGION", "AWS_DEFAULT_REGION");
  let endpoint = env("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL");
  const isComplete = given !== undefined &&
    (region !== undefined || endpoint !== undefined);
  const home = env("HOME", "USERPROFILE");
  const profile = isComplete
    ? {}
    : await readProfile(name, home, env, lookedIn, onProblem);
  region ??= profile.region;
  endpoint ??= profile.endpoint_url;
  const found = given ?? credentialsOf(profile, name, env);
  const lent = found instanceof RenewedCredentials ? found : undefined;
  const credentials = found instanceof RenewedCredentials
    ? await found.get()
    : found;
  const url = endpoint === undefined ? undefined : parseEndpoint(endpoint);
  return {
    ...(url && { endpoint: url }),
    region: region ?? DEFAULT_REGION,
    pathStyle: url !== undefined && profile.addressing_style !== "virtual",
    ...(credentials && { credentials }),
    ...(lent && { renew: () => lent.get() }),
    lookedIn,
  };
}

type ReadOne = (...names: string[]) => string | undefined;

function fromEnvironment(env: ReadOne): S3Credentials | undefined {
  const accessKeyId = env("AWS_ACCESS_KEY_ID");
  const secretAccessKey = env("AWS_SECRET_ACCESS_KEY");
  if (accessKeyId === undefined && secretAccessKey === undefined) {
    return undefined;
  }
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    const missing = accessKeyId === undefined
      ? "AWS_ACCESS_KEY_ID"
      : "AWS_SECRET_ACCESS_KEY";
    throw new ConfigError(`${missing} is not set, and its other half is`, {
      hint: "set both, or neither",
    });
  }
  const sessionToken = env("AWS_SESSION_TOKEN");
  return credentials(accessKeyId, secretAccessKey, sessionToken);
}

function credentials(
  accessKeyId: string,
  secretAccessKey: string,
  sessionToken: string | undefined,
): S3Credentials {
  const pair = { accessKeyId, secretAccessKey };
  return sessionToken === undefined ? pair : { ...pair, sessionToken };
}

/** The profile of both files; the one with the credentials counts more. */
async function readProfile(
  name: string | undefined,
  home: string | undefined,
  env: ReadOne,
  lookedIn: string[],
  onProblem: (message: string) => void,
): Promise<AwsProfile> {
  const found: AwsProfile[] = [];
  for (
    const [variable, file, prefix, what] of [
      ["AWS_CONFIG_FILE", "config", "profile ", "configuration of AWS"],
      [
        "AWS_SHARED_CREDENTIALS_FILE",
        "credentials",
        "",
        "credentials of AWS",
      ],
    ] as const
  ) {
    const path = env(variable) ?? (home && `${home}/.aws/${file}`);
    if (path === undefined) continue;
    lookedIn.push(path);
    const read = await readIfThere(path, what, onProblem);
    if (read === undefined) continue;
    const profile = profileOf(
      await parseAwsFile(read.text, path),
      name ?? "default",
      prefix,
    );
    if (profile === undefined) continue;
    if (profile.credential_process !== undefined) {
      requireOurs(path, read.isOfOthers);
    }
    found.push(profile);
  }
  if (found.length === 0 && name !== undefined) {
    throw new ConfigError(`there is no profile ${quoteText(name)}`, {
      hint: `AWS_PROFILE names it; it was looked for in ${
        lookedIn.slice(1).join(" and ")
      }`,
    });
  }
  return Object.assign({}, ...found);
}

/** Refuses a file that names a program to run, and that others may write. */
function requireOurs(path: string, isOfOthers: boolean): void {
  const what = `${quoteText(path)} names a program to run, and others may`;
  if (isOfOthers) {
    throw new PermissionError(`${what} write to it`, {
      hint: `chmod go-w ${path}, and look what is in it`,
    });
  }
  try {
    requireSafeWay(path, true);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new PermissionError(`${what} put another file in its place`, {
      cause: error,
      hint: "only you and root should be able to write to what is above it",
    });
  }
}

/** A file that is there, if the process may read it at all. */
async function readIfThere(
  path: string,
  what: string,
  onProblem: (message: string) => void,
): Promise<{ text: string; isOfOthers: boolean } | undefined> {
  const { state } = Deno.permissions.querySync({ name: "read", path });
  if (state !== "granted") return undefined;
  try {
    const { bytes, access } = await readSmallFile(path, {
      what,
      max: AWS_FILE_MAX,
    });
    const shared = (access.mode ?? 0) & 0o077;
    if (shared !== 0 && what.startsWith("credentials")) {
      onProblem(`${path} can be read by others; chmod 600 it`);
    }
    const isOfOthers = ((access.mode ?? 0) & 0o022) !== 0 ||
      ![null, 0, ownUid()].includes(access.uid);
    return { text: new TextDecoder().decode(bytes), isOfOthers };
  } catch (error) {
    if (error instanceof Error && isNotFound(error.cause)) return undefined;
    throw error;
  }
}

/** Settings that give credentials by way of something that we do not do. */
const ELSEWHERE = [
  "sso_session",
  "sso_start_url",
  "role_arn",
  "web_identity_token_file",
] as const;
/** The same of a variable, as clusters have it. */
const ELSEWHERE_VARIABLE = "AWS_WEB_IDENTITY_TOKEN_FILE";

function credentialsOf(
  profile: AwsProfile,
  name = "default",
  env: ReadOne,
): S3Credentials | RenewedCredentials | undefined {
  const { aws_access_key_id: id, aws_secret_access_key: secret } = profile;
  if (id !== undefined && secret !== undefined) {
    return credentials(id, secret, profile.aws_session_token);
  }
  const { credential_process } = profile;
  if (credential_process !== undefined) {
    return processCredentials(credential_process, name);
  }
  const by = ELSEWHERE.find((key) => profile[key] !== undefined);
  if (by !== undefined) {
    const exporting = `aws configure export-credentials --profile ${name}`;
    throw new ConfigError(
      `the profile ${
        quoteText(name)
      } has its credentials by ${by}, which this program does not ask`,
      {
        hint:
          `give the profile credential_process = ${exporting} --format process, ` +
          `or put them into the environment: eval "$(${exporting} --format env)"`,
      },
    );
  }
  const container = containerCredentials(env);
  if (container !== undefined) return container;
  if (env(ELSEWHERE_VARIABLE) === undefined) return undefined;
  throw new ConfigError(
    `there are no credentials but by ${ELSEWHERE_VARIABLE}, which this program does not use`,
    {
      hint:
        'put them into the environment: eval "$(aws configure export-credentials --format env)"',
    },
  );
}

function parseEndpoint(text: string): URL {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    // It is not repeated: it may hold a password.
    throw new ConfigError("the endpoint of the store is no http(s) URL", {
      hint: "AWS_ENDPOINT_URL or endpoint_url of the profile says where it is",
    });
  }
  if (url.username !== "" || url.password !== "") {
    throw new ConfigError("the endpoint has a user or password in it", {
      hint: "give credentials by AWS_ACCESS_KEY_ID or a profile",
    });
  }
  return url;
}
