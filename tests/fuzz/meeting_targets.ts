/** What comes by multicast, in an exchange, or is typed as a code, as targets of the fuzzer. */

import { formatCode, parseCode } from "../../lib/meeting/code.ts";
import { CodeRefusedError } from "../../lib/meeting/code_refused.ts";
import {
  decodeMdns,
  encodeMdnsAnswer,
  encodeMdnsQuery,
} from "../../lib/meeting/mdns_packet.ts";
import { decodeMeetingAnswer } from "../../lib/meeting/meeting_answer.ts";
import { MDNS_RECORDS_MAX } from "../../lib/limits.ts";
import { bytesOf, decoder, text } from "./decoder_target.ts";
import type { Target } from "./engine.ts";

const NODE = {
  instance: "0123456789abcdef",
  port: 7700,
  publicKey: new Uint8Array(32).fill(3),
};
const TAG = {
  salt: new Uint8Array(8).fill(1),
  tag: new Uint8Array(16).fill(2),
};
const ADDRESSES = { addresses: ["192.0.2.1", "fe80::1%eth0"] };

export const MEETING_TARGETS: readonly Target[] = [
  decoder(
    "mdns",
    (bytes) => {
      const message = decodeMdns(bytes);
      const { announced = [] } = message ?? {};
      if (announced.length > MDNS_RECORDS_MAX) throw new Error("broken: many");
      for (const { publicKey, port } of announced) {
        if (publicKey.length !== 32 || port < 1 || port > 65_535) {
          throw new Error("broken: no key or port");
        }
      }
      return message;
    },
    () => [
      encodeMdnsQuery(7),
      encodeMdnsAnswer({ ...NODE, tag: TAG }, ADDRESSES),
      encodeMdnsAnswer({ ...NODE, name: "Ann" }, { ...ADDRESSES, legacyId: 7 }),
    ],
    { max: 4000 },
  ),
  decoder(
    "meeting_answer",
    (bytes) => {
      try {
        return decodeMeetingAnswer(bytes, 2);
      } catch (error) {
        if (error instanceof CodeRefusedError && bytes.length !== 1) {
          throw new Error("broken: a refusal is one byte");
        }
        throw error;
      }
    },
    () => [Uint8Array.of(0, 1, 2), Uint8Array.of(1), Uint8Array.of(5)],
  ),
  decoder(
    "code",
    (bytes) => {
      const code = parseCode(text(bytes));
      const again = parseCode(formatCode(code));
      if (formatCode(again) !== formatCode(code)) {
        throw new Error("broken: another code");
      }
      return [code.number, code.words.length];
    },
    () => bytesOf("7-topic-lemon-cargo", "12 Topi lemo CARG"),
    // A wrong word is compared with all that there are.
    { cost: 50, max: 120 },
  ),
];
