/**
 * Credentials that whoever runs a container gives to it, at an address that
 * variables name (ECS, EKS).
 */

import { ConfigError, PermissionError } from "../errors.ts";
import { AWS_CONTAINER_MS, AWS_PROCESS_OUTPUT_MAX } from "../limits.ts";
import { readSmallFile } from "../os/small_file.ts";
import { parseLent, RenewedCredentials } from "./renewed_credentials.ts";

/** Where ECS has it. */
const ECS = "http://169.254.170.2";
/** What may be asked in the clear: those that run containers, and ourselves. */
const IN_THE_CLEAR =
  /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\]|169\.254\.170\.(?:2|23)|\[fd00:ec2::23\])$/;

/** The value of a variable, if it is set. */
type ReadVariable = (name: string) => string | undefined;

/**
 * Prepares to ask, if variables say where.
 *
 * @returns Nothing when they do not. Fails with a ConfigError when there are
 * none, and with a PermissionError when the process may not ask.
 * @throws {ConfigError} When it is nowhere that may be asked.
 */
export function containerCredentials(
  env: ReadVariable,
): RenewedCredentials | undefined {
  const relative = env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
  const full = env("AWS_CONTAINER_CREDENTIALS_FULL_URI");
  if (relative === undefined && full === undefined) return undefined;
  const url = URL.parse(relative === undefined ? full ?? "" : ECS + relative);
  const mayAsk = url !== null && (url.protocol === "https:" ||
    url.protocol === "http:" && IN_THE_CLEAR.test(url.hostname)) &&
    (relative === undefined || url.origin === ECS);
  if (!mayAsk) {
    throw new ConfigError(
      `${
        relative === undefined
          ? "AWS_CONTAINER_CREDENTIALS_FULL_URI"
          : "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"
      } names no place that credentials may come from`,
      { hint: "https, or http of this machine or of whoever runs containers" },
    );
  }
  return new RenewedCredentials(async () => {
    const text = await ask(url, await tokenOf(env));
    const lent = text === undefined ? undefined : parseLent(text, "Token");
    if (lent !== undefined) return lent;
    throw new ConfigError(`${url.host} gives no credentials`, {
      hint: "does the task, or the pod, have a role?",
    });
  });
}

/** What shows that we may ask. */
async function tokenOf(env: ReadVariable): Promise<string | undefined> {
  const path = env("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
  if (path === undefined) return env("AWS_CONTAINER_AUTHORIZATION_TOKEN");
  const { bytes } = await readSmallFile(path, {
    what: "token for credentials",
    max: AWS_PROCESS_OUTPUT_MAX,
  });
  return new TextDecoder().decode(bytes).trim();
}

async function ask(
  url: URL,
  token: string | undefined,
): Promise<string | undefined> {
  try {
    const response = await fetch(url, {
      redirect: "error",
      signal: AbortSignal.timeout(AWS_CONTAINER_MS),
      headers: {
        "accept-encoding": "identity",
        ...(token !== undefined && { authorization: token }),
      },
    });
    const length = Number(response.headers.get("content-length") ?? NaN);
    if (!response.ok || !(length <= AWS_PROCESS_OUTPUT_MAX)) {
      await response.body?.cancel();
      return undefined;
    }
    return await response.text();
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) {
      throw new PermissionError(
        `this process may not ask ${url.host} for credentials`,
        { cause: error, hint: `grant it with --allow-net=${url.host}` },
      );
    }
    // It cannot be reached, says nothing in time, or leads elsewhere.
    return undefined;
  }
}
