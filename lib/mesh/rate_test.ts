import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { UsageError } from "../errors.ts";
import { Queue } from "./queue.ts";
import { pattern } from "../wire/testing/bytes.ts";
import { Node } from "./node.ts";
import type { Session } from "./session.ts";
import { attachOptions, echo, exchange, listen } from "./testing/echo_node.ts";

const RATE = 20_000;
const BYTES = pattern(20_000);

/** Milliseconds for which a session's rate was limited while it sent something. */
async function limitedMs(
  held: Session,
  session: Session,
): Promise<number> {
  const before = held.stats.limitedMs.rate;
  assertEquals(await exchange(session, BYTES), BYTES);
  return held.stats.limitedMs.rate - before;
}

/** A node that echoes, and a session with it from both ends. */
async function pair(
  listening: Parameters<typeof listen>[1],
  attaching: { limitRate?: number } = {},
) {
  const stack = new AsyncDisposableStack();
  const sessions = new Queue<Session>();
  const node = stack.use(
    await listen((held) => {
      sessions.push(held);
      return echo(held);
    }, listening),
  );
  const session = stack.use(
    await Node.attach({ ...attachOptions(node), connections: 1, ...attaching }),
  );
  await exchange(session, pattern(1));
  const held = (await sessions[Symbol.asyncIterator]().next()).value as Session;
  return {
    node,
    session,
    held,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

for (const name of ["limitRate", "limitRateSession"] as const) {
  Deno.test(`a node keeps to its ${name}, and changes it under way`, async () => {
    await using ends = await pair({ [name]: RATE });
    const { node, session, held } = ends;
    assert(await limitedMs(held, session) > 0);
    node.limitRates({ total: Infinity, session: Infinity });
    assertEquals(await limitedMs(held, session), 0);
    node.limitRates({ total: Infinity, session: RATE });
    assert(await limitedMs(held, session) > 0);
    assertEquals(node.rates, { total: Infinity, session: RATE });
  });
}

Deno.test("a node keeps to what its peer asks for, from the start and later", async () => {
  await using ends = await pair({}, { limitRate: RATE });
  const { session, held } = ends;
  assert(await limitedMs(held, session) > 0);
  session.limitReceiving(Infinity);
  // The peer knows when it has answered what was sent with it.
  await exchange(session, pattern(1));
  assertEquals(await limitedMs(held, session), 0);
});

Deno.test("several connections of one session share what their peer asks for", async () => {
  await using node = await listen();
  await using session = await Node.attach({
    ...attachOptions(node),
    connections: 3,
  });
  session.limitReceiving(4 * RATE);
  const echoed = await Promise.all(
    Array.from({ length: 4 }, () => exchange(session, BYTES)),
  );
  assertEquals(echoed, Array(4).fill(BYTES));
});

Deno.test("a limit at which nothing would arrive is refused", async () => {
  await using node = await listen();
  const options = attachOptions(node);
  for (const limitRate of [0, -1, NaN]) {
    const attach = () => Node.attach({ ...options, limitRate });
    await assertRejects(attach, UsageError, "bytes per second");
  }
  await using session = await Node.attach(options);
  assertThrows(() => session.limitReceiving(0), RangeError);
});
