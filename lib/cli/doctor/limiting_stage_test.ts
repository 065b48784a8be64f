import { assertEquals } from "@std/assert";
import {
  type Limit,
  limitingStage,
  type StageRates,
  type Transfer,
} from "./limiting_stage.ts";

const MB = 1e6;
/** A machine with nothing slow about it. */
const FAST: StageRates = {
  disk: 500 * MB,
  hash: 1200 * MB,
  crypto: 300 * MB,
  socket: 200 * MB,
};
/** A holder that the path alone holds back. */
const CLEAN: Transfer = {
  rate: 10 * MB,
  limitedMs: { application: 5, flowControl: 0, path: 995, buffer: 0, rate: 0 },
  loss: 0,
  drops: 0,
  congestion: "bbr",
};
const waits = (
  application: number,
  flowControl: number,
  path: number,
  rate = 0,
  buffer = 0,
) => ({ limitedMs: { application, flowControl, path, buffer, rate } });

const CASES: [
  what: string,
  rates: StageRates,
  transfer: Partial<Transfer> | undefined,
  limit: [stage: Limit["stage"], reason: Limit["reason"], rate: number],
][] = [
  ["the path", FAST, {}, ["network", "path", 10 * MB]],
  ["a path that nothing is known behind", {}, {}, [
    "network",
    "path",
    10 * MB,
  ]],
  ["a path that loses, with BBR", FAST, { loss: 0.02 }, [
    "network",
    "path",
    10 * MB,
  ]],
  [
    "a path that loses, with CUBIC",
    FAST,
    { loss: 0.02, congestion: "cubic" },
    ["network", "loss", 10 * MB],
  ],
  ["a clean path with CUBIC", FAST, { congestion: "cubic" }, [
    "network",
    "path",
    10 * MB,
  ]],
  ["a slow disk", { ...FAST, disk: 4 * MB }, {}, ["disk", "slower", 4 * MB]],
  ["a disk about as fast as the path", { ...FAST, disk: 9.5 * MB }, {}, [
    "network",
    "path",
    10 * MB,
  ]],
  ["a disk a little slower than the path", { ...FAST, disk: 8 * MB }, {}, [
    "disk",
    "slower",
    8 * MB,
  ]],
  ["a thread with time left", FAST, { rate: 60 * MB }, [
    "network",
    "path",
    60 * MB,
  ]],
  ["a slow hash", { ...FAST, hash: 3 * MB }, {}, ["hash", "slower", 3 * MB]],
  [
    "of a slow disk and a slower hash the hash",
    { ...FAST, disk: 4 * MB, hash: 3 * MB },
    {},
    ["hash", "slower", 3 * MB],
  ],
  [
    "a disk that has been busy all the time",
    { disk: 12 * MB, hash: 1200 * MB },
    { landing: 0.97, ...waits(900, 0, 100) },
    ["disk", "busy", 10 * MB],
  ],
  [
    "a hash that has been busy all the time",
    { disk: 500 * MB, hash: 12 * MB },
    { landing: 0.9 },
    ["hash", "busy", 10 * MB],
  ],
  [
    "a disk that had time left",
    { disk: 12 * MB, hash: 1200 * MB },
    { landing: 0.5 },
    ["network", "path", 10 * MB],
  ],
  ["a landing that nothing is known of", {}, { landing: 0.97 }, [
    "network",
    "path",
    10 * MB,
  ]],
  ["a socket that overflows", FAST, { drops: 0.01 }, [
    "socket",
    "drops",
    10 * MB,
  ]],
  [
    "a disk that is slower than a socket that overflows",
    { ...FAST, disk: MB },
    { drops: 0.01 },
    ["disk", "slower", MB],
  ],
  ["a few drops that nobody notices", FAST, { drops: 0.0005 }, [
    "network",
    "path",
    10 * MB,
  ]],
  ["drops that are not known", FAST, { drops: undefined }, [
    "network",
    "path",
    10 * MB,
  ]],
  ["a holder with nothing to send", FAST, waits(700, 0, 300), [
    "peer",
    "nothing_to_send",
    10 * MB,
  ]],
  ["a socket that holds little of a short path", FAST, waits(9, 0, 9, 0, 90), [
    "socket",
    "buffer",
    10 * MB,
  ]],
  ["a holder that keeps to a rate", FAST, waits(100, 0, 100, 800), [
    "peer",
    "rate_limit",
    10 * MB,
  ]],
  ["a window too small for the round trip", FAST, waits(50, 800, 150), [
    "network",
    "window",
    10 * MB,
  ]],
  ["no limit that held for most of the time", FAST, waits(400, 200, 400), [
    "network",
    "path",
    10 * MB,
  ]],
  ["no time that was told", FAST, waits(0, 0, 0), [
    "network",
    "path",
    10 * MB,
  ]],
  [
    "a thread busy with its socket",
    { ...FAST, disk: undefined },
    { rate: 110 * MB },
    ["socket", "processor", 110 * MB],
  ],
  [
    "a thread busy with its cipher",
    { ...FAST, crypto: 100 * MB },
    { rate: 50 * MB },
    ["crypto", "processor", 50 * MB],
  ],
  [
    "a busy thread, whose window stays closed for it",
    FAST,
    { rate: 110 * MB, ...waits(0, 900, 100) },
    ["socket", "processor", 110 * MB],
  ],
  [
    "a thread busy with a path that the holder does not fill",
    FAST,
    { rate: 110 * MB, ...waits(900, 0, 100) },
    ["peer", "nothing_to_send", 110 * MB],
  ],
  [
    "nothing measured but this machine: its disk",
    { ...FAST, disk: 50 * MB },
    undefined,
    [
      "disk",
      "slower",
      50 * MB,
    ],
  ],
  ["nothing measured but this machine: its socket", FAST, undefined, [
    "socket",
    "processor",
    200 * MB,
  ]],
  [
    "nothing measured but this machine: its cipher",
    { ...FAST, crypto: 50 * MB },
    undefined,
    ["crypto", "processor", 50 * MB],
  ],
  ["only a hash was measured", { hash: MB }, undefined, [
    "hash",
    "slower",
    MB,
  ]],
];

for (const [what, rates, changes, [stage, reason, rate]] of CASES) {
  Deno.test(`the limit is seen: ${what}`, () => {
    const transfer = changes && { ...CLEAN, ...changes };
    const limit = limitingStage(rates, transfer);
    assertEquals(
      limit && { ...limit, rate: Math.round(limit.rate) },
      { stage, reason, rate },
    );
  });
}

Deno.test("nothing is concluded from nothing", () => {
  assertEquals(limitingStage({}), undefined);
  assertEquals(limitingStage({ socket: MB }), undefined);
});
