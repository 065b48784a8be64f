import { TransferError } from "../../lib/errors.ts";
import { findTicket } from "../../lib/meeting/find_ticket.ts";
import { MeetingPoint } from "../../lib/meeting/meeting_point.ts";
import { MemoryPlace, Sharer } from "../../lib/meeting/testing/memory_place.ts";
import {
  ephemeralIdentity,
  formatAddress,
  Node,
  Relay,
} from "../../lib/mesh/mod.ts";
import { serveNode } from "../../lib/transfer/mod.ts";
import type { Attack } from "./attack.ts";
import { NOTHING, passOn, TREATMENTS } from "./support/pass_on.ts";

const PSK = new Uint8Array(32).fill(5);

/** What the meeting point names to those who ask for a number, and why. */
type Naming = (between: Uint8Array, own: Uint8Array) => Uint8Array;

const NAMINGS: Record<string, Naming> = {
  "a node that passes messages on": (between) => between,
  "itself": (_between, own) => own,
  "a key of nobody": () => crypto.getRandomValues(new Uint8Array(32)),
  "a key of low order": () => new Uint8Array(32),
  "half a key": (between) => between.subarray(16),
};

export const attack: Attack = {
  name: "hostile_meeting_point",
  claim:
    "A meeting point that names another node, or sits in between and changes messages, gets no ticket, and is told of.",
  async run() {
    const passed: string[] = [];
    const kinds = new Set<string>();
    for (const [what, naming] of Object.entries(NAMINGS)) {
      const ways = what.startsWith("a node") ? Object.entries(TREATMENTS) : [
        ["as they are", (_: string, bytes: Uint8Array) => bytes] as const,
      ];
      for (const [how, treat] of ways) {
        await using sharer = await Sharer.at(new MemoryPlace());
        await using stack = new AsyncDisposableStack();
        const point = await Node.listen({
          address: "127.0.0.1:0",
          psk: PSK,
          identity: ephemeralIdentity(),
          relay: new Relay(),
        });
        const options = {
          address: formatAddress(point.address),
          publicKey: point.publicKey,
          psk: PSK,
        };
        let named = new Uint8Array();
        const serving = serveNode(point, NOTHING, {
          rpc: { "meeting.find": () => named },
        });
        stack.defer(async () => {
          await point.close();
          await serving;
        });
        const between = stack.use(await passOn(sharer, treat, options));
        await between.node.viaTried;
        named = naming(between.node.publicKey, point.publicKey).slice();
        try {
          await findTicket(sharer.offer.code, {
            places: [new MeetingPoint(options)],
            connectTimeoutMs: 1500,
          });
          passed.push(`${what}, ${how}`);
        } catch (error) {
          if (!(error instanceof TransferError)) throw error;
          kinds.add(error.kind);
        }
        if (sharer.events.some(({ type }) => type === "over")) {
          passed.push(`${what}, ${how}: the code was used up`);
        }
      }
    }
    return {
      held: passed.length === 0,
      line: passed.length > 0
        ? `passed: ${passed.join("; ")}`
        : `named ${Object.keys(NAMINGS).join(", ")}: refused each time (${
          [...kinds].sort().join(", ")
        })`,
    };
  },
};
