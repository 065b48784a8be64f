/** What the signature of a request says of what it carries. */

import { createHash } from "node:crypto";

/** Instead of a hash: what is carried is not signed. */
const UNSIGNED = "UNSIGNED-PAYLOAD";

/**
 * The hash of a body, so that nobody on the way can put another one under the
 * signature; none where nobody can: the connection is encrypted, or does not
 * leave the machine. To compute it, and to check it there, costs as much as
 * everything else of an upload.
 *
 * @param url Where it goes.
 * @param isDirect Whether it goes there without a proxy.
 */
export function payloadHash(
  url: URL,
  body: Uint8Array | undefined,
  isDirect: boolean,
): string {
  const { protocol, hostname } = url;
  if (protocol === "https:" || isDirect && isHere(hostname)) return UNSIGNED;
  // WebCrypto would copy it before.
  return createHash("sha256").update(body ?? "").digest("hex");
}

/** Whether a name is one of this machine, as URLs write it. */
function isHere(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" ||
    /^127(?:\.\d{1,3}){3}$/.test(hostname);
}
