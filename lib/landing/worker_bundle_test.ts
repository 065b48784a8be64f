import { assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { WORKER_SOURCE as HASH_WORKER } from "../store/hash_worker_bundle.ts";
import { WORKER_SOURCE } from "./worker_bundle.ts";

Deno.test("the bundles of the workers are what their sources bundle to", async () => {
  const script = new URL("../../scripts/bundle_worker.ts", import.meta.url);
  const config = new URL("../../deno.dev.json", import.meta.url);
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "--quiet", "--no-check"],
      ...["--config", fromFileUrl(config), script.href, "--check"],
    ],
  }).output();
  assertEquals(new TextDecoder().decode(stderr), "");
  assertEquals(code, 0);
});

Deno.test("the bundles are ASCII, as base64 in a data URL has one byte for each character", () => {
  for (const source of [WORKER_SOURCE, HASH_WORKER]) {
    assertEquals(source.match(/[^\0-\x7f]/)?.index, undefined);
  }
});
