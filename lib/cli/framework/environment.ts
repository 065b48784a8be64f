import { UsageError } from "../../errors.ts";

/**
 * Never prompts: a variable that may not be read counts as not set.
 *
 * @throws {UsageError} When its value is not UTF-8, so not to be known.
 */
export function readEnv(name: string): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable: name });
  if (state !== "granted") return undefined;
  try {
    return Deno.env.get(name);
  } catch (cause) {
    throw new UsageError(`the variable ${name} is not UTF-8`, {
      cause,
      hint: "set it to a path or value that is",
    });
  }
}
