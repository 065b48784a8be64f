/** Somebody between the two ends of a code. */

import { parseCode } from "../../../lib/meeting/code.ts";
import { meetingPsk } from "../../../lib/meeting/meeting_secrets.ts";
import type { Sharer } from "../../../lib/meeting/testing/memory_place.ts";
import {
  ephemeralIdentity,
  formatAddress,
  Keyring,
  Node,
  type Session,
  type ViaOptions,
} from "../../../lib/mesh/mod.ts";
import {
  callRpc,
  type RpcHandler,
  serveNode,
} from "../../../lib/transfer/mod.ts";

/** A store without a chunk. */
export const NOTHING = {
  has: () => Promise.resolve(false),
  get: () => Promise.resolve(undefined),
  [Symbol.asyncDispose]: () => Promise.resolve(),
};

/** What who sits in between does to the messages that it passes on. */
export const TREATMENTS: Record<
  string,
  (name: string, bytes: Uint8Array) => Uint8Array
> = {
  "as they are": (_name, bytes) => bytes,
  "with a bit of the confirmation changed": (name, bytes) => {
    const changed = bytes.slice();
    if (name === "meeting.confirm") changed[0] ^= 1;
    return changed;
  },
  "with a point of its own": (name, bytes) => {
    if (name !== "meeting.begin") return bytes;
    const point = new Uint8Array(32);
    point[0] = 9;
    return point;
  },
};

/** Announces itself in the place of a share, and passes everything on to it. */
export async function passOn(
  sharer: Sharer,
  treat: (name: string, bytes: Uint8Array) => Uint8Array,
  via?: ViaOptions,
): Promise<{ node: Node } & AsyncDisposable> {
  const stack = new AsyncDisposableStack();
  const psk = meetingPsk(parseCode(sharer.offer.code));
  const keyring = stack.use(new Keyring());
  keyring.add("meeting", psk, { scope: "meeting" });
  const node = stack.use(
    await Node.listen({
      address: "127.0.0.1:0",
      psk: keyring,
      identity: ephemeralIdentity(),
      via,
    }),
  );
  const onward = new Map<Session, Promise<Session>>();
  const handler: RpcHandler = async (name, body, session) => {
    const known = onward.get(session) ?? Node.attach({
      address: formatAddress(sharer.node.address),
      publicKey: sharer.node.publicKey,
      psk,
      connections: 1,
      keepMs: 0,
    });
    onward.set(session, known);
    return await callRpc(await known, name, treat(name, body));
  };
  const serving = serveNode(
    { sessions: () => node.sessions("meeting") },
    NOTHING,
    { rpc: { "meeting.begin": handler, "meeting.confirm": handler } },
  );
  stack.defer(async () => {
    await node.close();
    await serving;
    for (const session of onward.values()) await (await session).close();
  });
  return { node, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}
