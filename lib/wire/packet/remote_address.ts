/** Where packets go, as the wire sees it. */

/** A transport address. */
export interface RemoteAddress {
  /** IP address literal. */
  readonly hostname: string;
  /** UDP port. */
  readonly port: number;
}

/** Whether two addresses are the same. */
export function sameAddress(a: RemoteAddress, b: RemoteAddress): boolean {
  return a === b || (a.port === b.port && a.hostname === b.hostname);
}
