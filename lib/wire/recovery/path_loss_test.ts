import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { PathLoss } from "./path_loss.ts";

Deno.test("a path of which nothing is known may lose something, for some packets", () => {
  const loss = new PathLoss();
  assertEquals(loss.share, 0.01);
  for (let i = 0; i < 64; i++) loss.onFate(false);
  assert(loss.share < 0.004);
});

Deno.test("losses among what we send come near to their share, and fade", () => {
  const loss = new PathLoss();
  for (let i = 0; i < 2000; i++) loss.onFate(i % 10 === 0);
  assertAlmostEquals(loss.share, 0.1, 0.01);
  for (let i = 0; i < 8000; i++) loss.onFate(false);
  assertAlmostEquals(loss.share, 0, 0.001);
});

Deno.test("a burst of losses is remembered for a thousand packets", () => {
  const loss = new PathLoss();
  for (let i = 0; i < 3000; i++) loss.onFate(i % 600 < 6);
  for (let i = 0; i < 590; i++) loss.onFate(false);
  assertAlmostEquals(loss.share, 0.005, 0.002);
});

Deno.test("the first packets count for more than those that come later", () => {
  const loss = new PathLoss();
  loss.onFate(true);
  assertAlmostEquals(loss.share, 0.01 + 0.99 / 64, 1e-9);
  for (let i = 0; i < 127; i++) loss.onFate(i % 4 === 0);
  assertAlmostEquals(loss.share, 0.25, 0.05);
});

Deno.test("gaps in what we receive tell of the path, too", () => {
  const loss = new PathLoss();
  for (let number = 0; number < 64; number++) {
    if (number % 5 !== 0) loss.onReceived(number);
  }
  assertEquals(loss.share, 0.01, "not before there are enough");
  for (let number = 64; number < 1100; number++) {
    if (number % 5 !== 0) loss.onReceived(number);
  }
  assertAlmostEquals(loss.share, 0.2, 0.01);
  for (let number = 1100; number < 9000; number++) loss.onReceived(number);
  assertEquals(loss.share, 0.01);
});

Deno.test("what only changed its order was not lost", () => {
  const loss = new PathLoss();
  for (let number = 0; number < 2000; number += 2) {
    loss.onReceived(number + 1);
    loss.onReceived(number);
    assert(loss.share <= 0.02);
  }
});

Deno.test("the direction that loses more counts", () => {
  const loss = new PathLoss();
  for (let number = 0; number < 600; number += 2) loss.onReceived(number);
  for (let i = 0; i < 2000; i++) loss.onFate(i % 10 === 0);
  assertAlmostEquals(loss.share, 0.5, 0.01);
});
