/** A worker that may touch one directory and nothing else. */

import { PermissionError } from "../errors.ts";
import { workerUrl } from "../os/worker_url.ts";
import { quoteText } from "../text/escape.ts";

/**
 * Starts a worker that may read and write below one directory: no network, no
 * environment, no processes, no native code, no questions about the system, no
 * further modules from elsewhere.
 *
 * It runs from where no permission is needed (`os/worker_url.ts`); a file would
 * need read permission.
 *
 * @param source A whole module, ASCII only.
 * @param parent The directory; it need not exist yet.
 * @throws {PermissionError} When the process itself may not touch `parent`.
 */
export function startConfined(source: string, parent: string): Worker {
  requireGrants(parent);
  const url = workerUrl(source);
  return new Worker(url, {
    type: "module",
    name: "landing",
    deno: {
      permissions: {
        read: [parent],
        write: [parent],
        net: false,
        env: false,
        run: false,
        ffi: false,
        sys: false,
        import: false,
      },
    },
  });
}

/**
 * Checks that the process may do below a directory what a worker is to do: it
 * cannot be given what its process lacks.
 *
 * @param parent The directory; it need not exist yet.
 * @throws {PermissionError} When a grant is missing; it is named.
 */
export function requireGrants(parent: string): void {
  const missing: string[] = [];
  for (const name of ["read", "write"] as const) {
    const { state } = Deno.permissions.querySync({ name, path: parent });
    if (state !== "granted") missing.push(`--allow-${name}=${parent}`);
  }
  if (missing.length === 0) return;
  throw new PermissionError(
    `this process may not write below ${quoteText(parent)}: run with ` +
      missing.join(" "),
    { fields: { path: parent, missing: missing.join(" ") } },
  );
}
