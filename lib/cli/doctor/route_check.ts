import { delay } from "@std/async";
import { TransferError } from "../../errors.ts";
import { parseAddress, type Session } from "../../mesh/mod.ts";
import { askSeenAddress, type CallRpcOptions } from "../../transfer/mod.ts";
import { Id } from "../framework/output/report.ts";
import type { LocalAddress } from "../serving/dialable.ts";
import type { Finding } from "./checks.ts";

/** A direct path is found in so many milliseconds, or not soon. */
const SETTLED_MS = 3000;
/** How often it is looked whether there is one. */
const LOOK_MS = 50;

/**
 * Whether an address that a peer sees is none of this machine: something on the
 * way translates addresses.
 *
 * @param own Those of this machine; none when they are not known.
 */
export function isTranslated(
  seen: string,
  own: readonly LocalAddress[],
): boolean | undefined {
  const hostname = parseAddress(seen)?.hostname;
  if (hostname === undefined || own.length === 0) return undefined;
  return !own.some(({ address }) => address === hostname);
}

/** The addresses of this machine, none if the process may not know them. */
function ownAddresses(): LocalAddress[] {
  const { state } = Deno.permissions.querySync({
    name: "sys",
    kind: "networkInterfaces",
  });
  return state === "granted" ? Deno.networkInterfaces() : [];
}

/** Where the node sees us, if it tells. */
async function seenAddress(
  session: Session,
  options: CallRpcOptions,
): Promise<string | undefined> {
  try {
    return await askSeenAddress(session, options);
  } catch (error) {
    // The checks that follow tell what is wrong with a node that is not older.
    if (error instanceof TransferError) return undefined;
    throw error;
  }
}

/** Waits until a session that began by way of a relay is past it, or may not be. */
export async function settleRoute(
  session: Session,
  signal: AbortSignal,
): Promise<void> {
  const since = performance.now();
  while (
    session.carrier === undefined && session.route === "relayed" &&
    performance.now() - since < SETTLED_MS
  ) await delay(LOOK_MS, { signal });
}

/** Tells how packets get to the node: by way of a relay, or of a NAT. */
export async function routeFinding(
  session: Session,
  relay: bigint,
  options: CallRpcOptions,
): Promise<Finding> {
  const direct = session.route === "direct";
  const began = session.carrier === undefined
    ? { relay: new Id(relay) }
    : undefined;
  if (!direct) {
    return {
      said: `relayed by node ${relay}`,
      figures: { direct, ...began },
    };
  }
  const said = began ? `direct, past relay ${relay}` : "direct";
  const seenAs = await seenAddress(session, options);
  if (seenAs === undefined) return { said, figures: { direct, ...began } };
  const nat = isTranslated(seenAs, ownAddresses());
  return {
    said: `${said}${nat ? ", through a NAT" : ""}; the node sees ${seenAs}`,
    figures: { direct, ...began, seen_as: seenAs, nat },
  };
}
