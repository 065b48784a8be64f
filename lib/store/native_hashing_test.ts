import { assertEquals } from "@std/assert";
import { blake3 } from "../content/mod.ts";
import { toHex } from "../text/hex.ts";
import { mayLoadNative, NATIVE_GRANTS } from "./native_hashing.ts";

const BYTES = new Uint8Array(100_000).map((_, at) => at % 251);

/** Hashes in a worker with some permissions, once it has prepared itself. */
async function hashWith(
  permissions: Deno.PermissionOptionsObject,
): Promise<{ may: boolean; hash: string }> {
  const [native, content, hex] = [
    "./native_hashing.ts",
    "../content/mod.ts",
    "../text/hex.ts",
  ].map((path) => JSON.stringify(import.meta.resolve(path)));
  const source = `
    import { mayLoadNative, prepareHashing } from ${native};
    import { blake3 } from ${content};
    import { toHex } from ${hex};
    await prepareHashing();
    const bytes = new Uint8Array(${BYTES.length}).map((_, at) => at % 251);
    postMessage({ may: mayLoadNative(), hash: toHex(blake3(bytes)) });`;
  const worker = new Worker(
    `data:application/javascript;base64,${btoa(source)}`,
    { type: "module", deno: { permissions } },
  );
  try {
    return await new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = (event) => {
        event.preventDefault();
        reject(new Error(event.message));
      };
    });
  } finally {
    worker.terminate();
  }
}

Deno.test("who may load no machine code hashes without it, and is not asked", async () => {
  const expected = toHex(blake3(BYTES));
  const lacking = ["ffi", "read", "sys"] as const;
  for (const name of lacking) {
    // Modules of this test lie in files.
    const root = new URL("../../", import.meta.url);
    const without = name === "read" ? [root] : false;
    const permissions = { ...NATIVE_GRANTS, [name]: without };
    const { may, hash } = await hashWith(permissions);
    assertEquals([name, may, hash], [name, false, expected]);
  }
  const { may, hash } = await hashWith(NATIVE_GRANTS);
  assertEquals([may, hash], [mayLoadNative(), expected]);
});
