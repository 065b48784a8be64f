import { assertEquals } from "@std/assert";

Deno.test("worker_bundle.ts is what its sources bundle to", async () => {
  const script = new URL("../../scripts/bundle_worker.ts", import.meta.url);
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", "--no-check", script.href, "--check"],
  }).output();
  assertEquals(new TextDecoder().decode(stderr), "");
  assertEquals(code, 0);
});
