import { attemptAsync } from "../os/os_error.ts";
import { identityOf, type TargetIdentity } from "./worker/target.ts";

/** What tells that which is at a path from others that may stand there later. */
export async function identityAt(path: string): Promise<TargetIdentity> {
  const seen = await attemptAsync("look at", path, () => Deno.lstat(path));
  return identityOf(seen);
}
