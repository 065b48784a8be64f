import {
  encodeVersionNegotiation,
  parseHandshakePacket,
} from "../../lib/wire/handshake/handshake_packet.ts";
import {
  handshakePair,
  TEST_ADDRESS,
  TEST_PSK,
} from "../../lib/wire/testing/handshake_pair.ts";
import type { Attack } from "./attack.ts";

/** Both ends speak both; the attacker wants the older. */
const VERSIONS = [2, 1];

/** The version that two ends agree on, though somebody with the PSK lies of it. */
function agreed(forgedFirst: boolean): number | undefined {
  const versions = { versions: VERSIONS };
  const { initiator, responder, responderKeys } = handshakePair(
    versions,
    versions,
  );
  const initial = initiator.packet();
  const seen = parseHandshakePacket(initial, [9]);
  if (seen?.kind !== "unknownVersion") throw new Error("no Initial");
  const lie = encodeVersionNegotiation(
    seen,
    [1],
    responderKeys.public,
    TEST_PSK,
  );
  if (forgedFirst) initiator.receive(lie);
  const answer = responder.onInitial(0, initiator.packet(), TEST_ADDRESS);
  if (answer?.kind !== "accepted") return undefined;
  const result = initiator.receive(answer.packet);
  return result.kind === "established" ? result.established.version : undefined;
}

export const attack: Attack = {
  name: "version_downgrade",
  claim:
    "Nobody on the way, not even with the PSK, makes two ends speak an older version.",
  run() {
    const [honest, lied] = [agreed(false), agreed(true)];
    return Promise.resolve({
      held: honest === VERSIONS[0] && lied !== VERSIONS[1],
      line: `two ends of versions ${VERSIONS} speak ${honest}; with a forged ` +
        `list of versions ${lied ?? "nothing: no session is made"}`,
    });
  },
};
