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
  assertEquals([flow.owesLimit, flow.nextLimit(0)], [true, 151]);
  assertTransportError("FLOW_CONTROL_ERROR", () => flow.onReceived(11));
  flow.raiseLimit(0);
  assertEquals([flow.owesLimit, flow.nextLimit(0)], [false, 151]);
  flow.onReceived(50);
  assertTransportError("FLOW_CONTROL_ERROR", () => flow.onReceived(1));
});

Deno.test("a peer that was asked to send slowly gets credit no faster than that, and a tenth", () => {
  const flow = new FlowControl(1000, 0);
  flow.limitRate(100, 0);
  flow.onReceived(1000);
  flow.onConsumed(1000);
  assertEquals([flow.owesLimit, flow.nextLimit(0)], [true, 1000]);
  flow.raiseLimit(0);
  flow.onTimeout(499);
  assertEquals([flow.owesLimit, flow.deadline], [false, 500]);
  flow.onTimeout(500);
  assertEquals([flow.owesLimit, flow.nextLimit(5000)], [true, 1550]);
  flow.raiseLimit(5000);
  flow.limitRate(Infinity, 6000);
  flow.onTimeout(6000);
  assertEquals([flow.owesLimit, flow.nextLimit(6000)], [false, 2000]);
  assertEquals(flow.deadline, Infinity);
});
