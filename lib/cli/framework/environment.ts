/**
 * Environment variables, without ever prompting: what the process may not read
 * counts as not set.
 *
 * @module
 */

/**
 * Reads an environment variable.
 *
 * @returns Its value, or `undefined` when it is not set or may not be read.
 */
export function readEnv(name: string): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable: name });
  return state === "granted" ? Deno.env.get(name) : undefined;
}
