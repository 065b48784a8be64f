import { concat } from "@std/bytes/concat";
import { KEYRING_MAX } from "../../lib/limits.ts";
import {
  isAuthentic,
  parseHandshakePacket,
} from "../../lib/wire/handshake/handshake_packet.ts";
import { Mac1, mac1Key } from "../../lib/wire/handshake/mac.ts";
import { testProvider } from "../../lib/wire/testing/crypto.ts";
import {
  handshakePair,
  only,
  TEST_ADDRESS as FROM,
  testAcceptor,
  testInitiator,
} from "../../lib/wire/testing/handshake_pair.ts";
import { noise } from "../../scripts/make_tree.ts";
import type { Attack } from "./attack.ts";
import { countMacs } from "./support/count_macs.ts";

const PSKS = Array.from({ length: KEYRING_MAX }, (_, i) => ({
  name: `k${i}`,
  secret: noise(32, i + 1),
}));
const [MINE, ...THEIRS] = PSKS;

export const attack: Attack = {
  name: "which_key",
  claim:
    "Who watches a node with many PSKs, or has one of them, learns not which one a peer has, and is not taken for the owner of another.",
  run() {
    const faults: string[] = [];
    const { responderKeys } = handshakePair();
    const mine = new Mac1(mac1Key(responderKeys.public, MINE.secret));
    const provider = testProvider({ seed: 3 });
    const initialOf = (psk: Uint8Array) =>
      testInitiator({ psk, provider }).packet();
    /** What is seen of an answer, and what it took: lengths and MACs. */
    const seen = PSKS.map(({ name, secret }) => {
      const acceptor = testAcceptor({}, { psks: PSKS, resetPort: undefined });
      const initial = initialOf(secret);
      const [answer, macs] = countMacs(() =>
        acceptor.onInitial(0, initial, FROM)
      );
      const { packet, established } = only(answer, "accepted");
      if (established.psk?.name !== name) faults.push(`${name} is mistaken`);
      return `${initial.length} ${packet.length} ${macs}`;
    });
    if (new Set(seen).size !== 1) faults.push("answers differ by key");
    for (const { name, secret } of THEIRS) {
      const initial = initialOf(secret);
      const packet = only(parseHandshakePacket(initial), "initial");
      if (isAuthentic(packet, mine)) faults.push(`${name} is recognised`);
      const own = initialOf(MINE.secret);
      const spliced = [
        concat([own.subarray(0, -32), initial.subarray(-32)]),
        concat([initial.subarray(0, -32), own.subarray(-32)]),
      ];
      for (const packet of spliced) {
        const acceptor = testAcceptor({}, { psks: PSKS });
        const { kind } = acceptor.onInitial(0, packet, FROM);
        if (kind !== "drop") faults.push(`a splice passes for ${name}`);
      }
    }
    return Promise.resolve({
      held: faults.length === 0,
      line: faults.length > 0
        ? faults.slice(0, 3).join("; ")
        : `${KEYRING_MAX} keys: answers and work are the same for each, ` +
          `${2 * THEIRS.length} spliced Initials meet silence`,
    });
  },
};
