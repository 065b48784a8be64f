import { assert, assertEquals } from "@std/assert";
import { workerUrl } from "./worker_url.ts";

Deno.test("workers of one module have one address, which is short and works without a grant", async () => {
  const source = `postMessage(1); /* ${"x".repeat(100_000)} */`;
  const url = workerUrl(source);
  assertEquals(workerUrl(source), url);
  assert(url.length < 100);
  const worker = new Worker(url, {
    type: "module",
    deno: { permissions: "none" },
  });
  const { data } = await new Promise<MessageEvent>((resolve) =>
    worker.onmessage = resolve
  );
  worker.terminate();
  assertEquals(data, 1);
});
