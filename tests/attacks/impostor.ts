import { HandshakeError, TimeoutError } from "../../lib/errors.ts";
import { ephemeralIdentity, Node } from "../../lib/mesh/mod.ts";
import {
  attachOptions,
  listen,
  PSK,
} from "../../lib/mesh/testing/echo_node.ts";
import type { Attack } from "./attack.ts";

/** Long enough for an answer from the same machine. */
const BUDGET_MS = 3000;
/** Until one that must come has come, however busy the machine is. */
const PATIENCE_MS = 60_000;

/** Whether somebody attaches with these keys and secrets. */
async function passes(
  options: Parameters<typeof Node.attach>[0],
  connectTimeoutMs = BUDGET_MS,
): Promise<boolean> {
  try {
    const session = await Node.attach({
      ...options,
      connections: 1,
      connectTimeoutMs,
    });
    await session.close();
    return true;
  } catch (error) {
    if (error instanceof TimeoutError || error instanceof HandshakeError) {
      return false;
    }
    throw error;
  }
}

export const attack: Attack = {
  name: "impostor",
  claim:
    "The PSK without the holder's key does not pass for the holder, nor the key without the PSK for a client.",
  async run() {
    const allowed = ephemeralIdentity();
    const isAllowed = (key: Uint8Array) =>
      key.every((byte, i) => byte === allowed.x25519Public[i]);
    await using holder = await listen();
    await using impostor = await listen();
    await using closed = await listen(undefined, { allow: isAllowed });
    const wrongPsk = new Uint8Array(32).fill(9);
    const honest = await passes(attachOptions(holder), PATIENCE_MS);
    const listed = await passes({
      ...attachOptions(closed),
      identity: allowed,
    }, PATIENCE_MS);
    const tricks = {
      "another node for the holder": {
        ...attachOptions(impostor),
        publicKey: holder.publicKey,
      },
      "a client without the PSK": { ...attachOptions(holder), psk: wrongPsk },
      "the holder's key as PSK": {
        ...attachOptions(holder),
        psk: holder.publicKey,
      },
      "the PSK as the holder's key": {
        ...attachOptions(holder),
        publicKey: PSK,
      },
      "a client that is not allowed": attachOptions(closed),
    };
    const passed = await Promise.all(
      Object.entries(tricks).map(async ([name, options]) =>
        await passes(options) ? [name] : []
      ),
    );
    const wrong = passed.flat();
    return {
      held: honest && listed && wrong.length === 0,
      line: wrong.length > 0
        ? `passed: ${wrong.join(", ")}`
        : `${
          Object.keys(tricks).length
        } confusions of keys and secrets, none passed`,
    };
  },
};
