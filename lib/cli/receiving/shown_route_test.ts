import { assertEquals } from "@std/assert";
import type { RelayCarrier, SessionRoute } from "../../mesh/mod.ts";
import { routeWatch, shownRoute } from "./shown_route.ts";

/** A way whose session may move; without a carrier it began relayed. */
function way(route: SessionRoute, carrier?: RelayCarrier) {
  return { session: { route, carrier }, relay: 9n };
}

Deno.test("people are told how bytes come where a relay has a part in it", () => {
  assertEquals(shownRoute(way("relayed")), ", by way of relay 9");
  assertEquals(shownRoute(way("direct")), ", past relay 9");
  const { session } = way("direct");
  const carrier = {} as RelayCarrier;
  const plain = { session: { ...session, carrier }, relay: 9n };
  assertEquals([shownRoute(plain), shownRoute(undefined)], ["", ""]);
});

Deno.test("the label changes with the route, once each time", () => {
  const moving = way("relayed");
  const labels: unknown[] = [];
  const look = routeWatch("fetching from node 7", moving);
  const report = ({ label }: { label?: string }) => void labels.push(label);
  look(report);
  moving.session.route = "direct";
  look(report);
  look(report);
  moving.session.route = "relayed";
  look(report);
  assertEquals(labels, [
    "fetching from node 7, past relay 9",
    "fetching from node 7, by way of relay 9",
  ]);
});
