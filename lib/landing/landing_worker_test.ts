import { assertEquals, assertRejects } from "@std/assert";
import { TransferError } from "../errors.ts";
import { LandingWorker } from "./landing_worker.ts";
import { test } from "./testing/trees.ts";

test("a landing worker that fails rejects everything, now and later", async (dir) => {
  const source = "onmessage = () => { throw new Error('broken'); };";
  const worker = LandingWorker.start(dir, undefined, source);
  const calls = [
    worker.call("abort", { keep: false }),
    worker.call("abort", { keep: false }),
  ];
  for (const call of calls) {
    const error = await assertRejects(
      () => call,
      TransferError,
      "the landing worker failed: ",
    );
    assertEquals(error.kind, "internal");
  }
  await assertRejects(
    () => worker.call("abort", { keep: false }),
    TransferError,
    "failed",
  );
});

test("a landing worker that is terminated rejects what is pending", async (dir) => {
  const worker = LandingWorker.start(dir, undefined, "onmessage = () => {};");
  const call = worker.call("abort", { keep: false });
  worker.terminate();
  await assertRejects(() => call, TransferError, "the landing is closed");
});

test("a landing worker answers with the error's own class", async (dir) => {
  const worker = LandingWorker.start(dir);
  await assertRejects(
    () => worker.call("commit_blob", { size: 0 }),
    TransferError,
    "the landing is not open",
  );
  await worker.abort(false);
});
