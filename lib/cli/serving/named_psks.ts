/** The keys that a node listens with, and those that `--ticket-for` draws. */

import { equals } from "@std/bytes/equals";
import { UsageError } from "../../errors.ts";
import type { Log } from "../framework/terminal/log.ts";
import {
  changeKeyringFile,
  drawPsk,
  erasePsks,
  type NamedPsk,
} from "../node/keyring_file.ts";
import { inStage } from "../stage.ts";
import { LiveKeyring } from "./live_keyring.ts";
import type { NodeKeys } from "./node_keys.ts";
import type { ServeValues } from "./serve_options.ts";
import type { Via } from "./serve_via.ts";

/**
 * Draws the keys that are named and not there.
 *
 * @throws {UsageError} When a ticket would have the permanent key as well, so
 * that to revoke the named one would shut nobody out.
 */
async function drawNamedPsks(
  { keyringFile, psk }: Pick<NodeKeys, "keyringFile" | "psk">,
  via: Via | undefined,
  { ticketFor, ticketRelayPsk, ...values }: ServeValues,
): Promise<void> {
  if (ticketFor.length === 0) return;
  if (ticketRelayPsk && via !== undefined && equals(via.psk, psk.bytes)) {
    throw new UsageError(
      "the key of the relay is this node's permanent one: whoever has it could attach after their own is revoked",
      {
        hint:
          "have a key drawn for you on the relay ('psk add NAME TICKET') and give that ticket as --via, or leave --ticket-relay-psk out",
      },
    );
  }
  const psks = await changeKeyringFile(keyringFile, (psks) => {
    const drawn: NamedPsk[] = [...new Set(ticketFor)]
      .filter((name) => !psks.some((psk) => psk.name === name))
      .map(drawPsk);
    return drawn.length === 0 ? undefined : [...psks, ...drawn];
  }, values);
  erasePsks(psks);
}

/** All keys of a node, kept as its keyring file has them. */
export function openKeyring(
  keys: NodeKeys,
  via: Via | undefined,
  values: ServeValues,
  log: Log,
): Promise<LiveKeyring> {
  return inStage("setup", async () => {
    await drawNamedPsks(keys, via, values);
    return await LiveKeyring.open({
      path: keys.keyringFile,
      permanent: keys.psk.bytes,
      insecurePermissions: values.insecurePermissions,
      log,
    });
  });
}
