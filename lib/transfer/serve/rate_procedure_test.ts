import { assertEquals, assertRejects } from "@std/assert";
import { TransferError } from "../../errors.ts";
import type { NodeRates } from "../../mesh/mod.ts";
import { MemoryStore } from "../../store/mod.ts";
import { limitRates } from "../ask/limit_rates.ts";
import { NODE_RATES } from "../protocol/rate_query.ts";
import { connect } from "../testing/fixture.ts";
import { type RatePolicy, rateProcedure } from "./rate_procedure.ts";

/** A session with a node under a policy. */
function attach(policy?: RatePolicy) {
  const node = {
    rates: { total: 1000, session: Infinity },
    limitRates(rates: NodeRates) {
      this.rates = rates;
    },
  };
  const rpc = { [NODE_RATES]: rateProcedure(node, policy) };
  return connect(new MemoryStore(), { rpc });
}

Deno.test("limits are looked at, and changed one by one by those that may", async () => {
  await using connection = attach({ change: ["psk"] });
  const { session } = connection;
  assertEquals(await limitRates(session), { total: 1000, session: Infinity });
  assertEquals(
    await limitRates(session, { session: 50 }),
    { total: 1000, session: 50 },
  );
  assertEquals(
    await limitRates(session, { total: Infinity }),
    { total: Infinity, session: 50 },
  );
  assertEquals(await limitRates(session), { total: Infinity, session: 50 });
});

Deno.test("a peer that may not change limits may look at them, unless told otherwise", async () => {
  await using connection = attach();
  const { session } = connection;
  const rates = await limitRates(session);
  const refused = () => limitRates(session, { total: 5 });
  const error = await assertRejects(
    refused,
    TransferError,
    "change its limits",
  );
  assertEquals((error as TransferError).kind, "permission");
  assertEquals(await limitRates(session), rates);
  await using closed = attach({ look: ["none"] });
  const look = () => limitRates(closed.session);
  await assertRejects(look, TransferError, "look at its limits");
});
