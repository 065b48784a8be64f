import { assertEquals } from "@std/assert";
import { FlowControl } from "./flow_control.ts";
import { assertTransportError } from "../testing/assert_transport_error.ts";

Deno.test("what is sent uses up the peer's credit, and only MAX_DATA gives more", () => {
  const flow = new FlowControl(100, 1000);
  flow.onSent(400);
  assertEquals(flow.credit, 600);
  flow.onMaxData(999);
  assertEquals(flow.credit, 600, "limits never go down");
  flow.onMaxData(1500);
  assertEquals(flow.credit, 1100);
});

Deno.test("the peer may send up to the limit and not one byte more", () => {
  const flow = new FlowControl(100, 0);
  flow.onReceived(100);
  assertTransportError(
    "FLOW_CONTROL_ERROR",
    () => flow.onReceived(1),
    "passes the limit 100",
  );
});

Deno.test("a new limit is owed once half a window is consumed, and counts from there", () => {
  const flow = new FlowControl(100, 0);
  flow.onReceived(90);
  flow.onConsumed(50);
  assertEquals(flow.owesLimit, false);
  flow.onConsumed(1);
  assertEquals([flow.owesLimit, flow.nextLimit], [true, 151]);
  assertTransportError("FLOW_CONTROL_ERROR", () => flow.onReceived(11));
  flow.raiseLimit(0);
  assertEquals([flow.owesLimit, flow.nextLimit], [false, 151]);
  flow.onReceived(50);
  assertTransportError("FLOW_CONTROL_ERROR", () => flow.onReceived(1));
});
