/** Whether there is a directory at a path, and we can tell. */
export function isDirectory(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    // Whatever is in the way, nothing can be written there.
    return false;
  }
}
