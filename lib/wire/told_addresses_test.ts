import { assert, assertEquals } from "@std/assert";
import type { HostAddress } from "./packet/address_frame.ts";
import { WireWriter } from "./packet/wire_buffer.ts";
import type { SentFrame } from "./streams/sent_frame.ts";
import { decodeFrames, type Frame } from "./testing/frames.ts";
import { Simulation } from "./testing/simulation.ts";
import { ToldAddresses } from "./told_addresses.ts";

const HERE: HostAddress = { host: Uint8Array.of(192, 0, 2, 1), port: 1000 };

/** What is written into that many bytes. */
function written(told: ToldAddresses, room = 1200): [Frame[], SentFrame[]] {
  const writer = new WireWriter(new Uint8Array(room));
  const sent: SentFrame[] = [];
  told.write(writer, sent);
  const bytes = writer.written();
  return [bytes.length === 0 ? [] : decodeFrames(bytes).frames, sent];
}

Deno.test("where a peer is seen is told when a path is known, and again when that is lost", () => {
  const told = new ToldAddresses(undefined, () => HERE);
  assertEquals(told.owed, false);
  told.onPath();
  assert(told.owed);
  assertEquals(written(told, 4)[0], []);
  const [frames, sent] = written(told);
  assertEquals(frames, [{ type: "observed", address: HERE }]);
  assertEquals(told.owed, false);
  told.onLost(sent[0]);
  assertEquals(written(told)[0], frames);
});

Deno.test("nothing is told to a peer that does not want to know, or of what is no address", () => {
  const told = new ToldAddresses(undefined, undefined);
  told.onPath();
  assertEquals(told.owed, false);
  const relayed = new ToldAddresses(undefined, () => undefined);
  relayed.onPath();
  assertEquals(written(relayed), [[], []]);
  assertEquals(relayed.owed, false);
});

Deno.test("an initiator that asks learns where it is seen, and where from when it moves, whatever gets lost", () => {
  const seen: HostAddress[] = [];
  const simulation = new Simulation({
    link: { loss: 0.3 },
    clientParameters: { wantsObserved: true },
    client: {
      handler: {
        onOpen: () => {},
        onStream: () => {},
        onStreamsAvailable: () => {},
        onClose: () => {},
        onRelay: () => false,
        onObserved: (address) => seen.push(address),
      },
    },
    server: {
      observed: ({ hostname, port }) => ({
        host: Uint8Array.from(hostname.split("."), Number),
        port,
      }),
    },
  });
  const { client } = simulation;
  simulation.runUntil(() => seen.at(-1)?.port === 1000);
  client.address = { hostname: "198.51.100.7", port: 4444 };
  client.open(new Uint8Array(50_000));
  simulation.runUntil(() => seen.at(-1)?.port === 4444);
  assertEquals(seen.at(-1)?.host, Uint8Array.of(198, 51, 100, 7));
});
