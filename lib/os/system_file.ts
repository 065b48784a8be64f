/**
 * The text of a file in which the system tells of itself, below `/proc` or
 * `/sys`.
 *
 * @returns `undefined` where there is none, or where it cannot be read without
 * asking the user.
 */
export function readSystemFile(path: string): string | undefined {
  // Asking could make the runtime prompt for a mere figure.
  const { state } = Deno.permissions.querySync({ name: "read", path });
  if (state !== "granted") return undefined;
  try {
    return Deno.readTextFileSync(path);
  } catch {
    // Another system, or a sandbox: these take every permission there is.
    return undefined;
  }
}
