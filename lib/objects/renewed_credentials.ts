/** Credentials that hold for a while, and are asked for again before that. */

import { AWS_ASK_MS, AWS_RENEW_MS } from "../limits.ts";
import type { S3Credentials } from "./s3_credentials.ts";

/** Credentials, and until when they hold, in milliseconds since 1970. */
export interface LentCredentials {
  readonly credentials: S3Credentials;
  readonly until: number;
}

/** Keeps them, and asks once for all who want them. */
export class RenewedCredentials {
  readonly #ask: () => Promise<LentCredentials>;
  readonly #now: () => number;
  #lent?: LentCredentials;
  #askedAt = -Infinity;
  #asking?: Promise<LentCredentials>;

  /**
   * Prepares to ask; nothing is asked yet.
   *
   * @param ask Gets them.
   * @param now The time, in milliseconds since 1970; tests have their own.
   */
  constructor(ask: () => Promise<LentCredentials>, now = () => Date.now()) {
    this.#ask = ask;
    this.#now = now;
  }

  /**
   * Those that hold now. When they cannot be renewed yet, the ones before serve
   * until they are over.
   *
   * @throws What asking failed with.
   */
  async get(): Promise<S3Credentials> {
    const { credentials, until = 0 } = this.#lent ?? {};
    const now = this.#now();
    // What never holds for long is not asked for each time.
    const isFresh = now < until - AWS_RENEW_MS ||
      now < Math.min(until, this.#askedAt + AWS_ASK_MS);
    if (credentials !== undefined && isFresh) return credentials;
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
      this.#askedAt = this.#now();
    });
    try {
      this.#lent = await this.#asking;
    } catch (error) {
      if (credentials === undefined || this.#now() >= until) throw error;
      return credentials;
    }
    return this.#lent.credentials;
  }
}

/**
 * Reads the JSON in which the tools of AWS give credentials.
 *
 * @param text What was said.
 * @param token The name of what goes with the two keys.
 * @returns Nothing when it is none.
 */
export function parseLent(
  text: string,
  token: "SessionToken" | "Token",
): LentCredentials | undefined {
  let said: Record<string, unknown>;
  try {
    said = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof said !== "object" || said === null) return undefined;
  // Programs say which version it is, servers do not.
  if (token === "SessionToken" && said.Version !== 1) return undefined;
  const { AccessKeyId, SecretAccessKey, Expiration, [token]: session } = said;
  if (typeof AccessKeyId !== "string" || typeof SecretAccessKey !== "string") {
    return undefined;
  }
  const until = Date.parse(String(Expiration));
  return {
    credentials: {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      ...(typeof session === "string" && { sessionToken: session }),
    },
    // Without a time they hold for ever.
    until: Number.isNaN(until) ? Infinity : until,
  };
}
