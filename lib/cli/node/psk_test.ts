import { assertEquals, assertRejects } from "@std/assert";
import {
  ConfigError,
  PermissionError,
  TransferError,
  UsageError,
} from "../../errors.ts";
import { readPskFile, resolvePsk } from "./psk.ts";

const KEY = new Uint8Array(32).fill(0x1f);
const HEX = "1f".repeat(32);
const PROFILE = { name: "default" };
const NOTHING = {
  pskHex: undefined,
  pskFile: undefined,
  insecurePermissions: false,
};

async function withFile(
  content: string | Uint8Array,
  mode: number,
  use: (path: string) => Promise<void>,
): Promise<void> {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeFile(
      path,
      typeof content === "string" ? new TextEncoder().encode(content) : content,
    );
    await Deno.chmod(path, mode);
    await use(path);
  } finally {
    await Deno.remove(path);
  }
}

Deno.test("readPskFile takes raw bytes and hex", async () => {
  for (const content of [KEY, HEX, `0x${HEX.toUpperCase()}\n`]) {
    await withFile(content, 0o600, async (path) => {
      assertEquals(await readPskFile(path, false), KEY);
    });
  }
});

Deno.test({
  name: "readPskFile refuses a file that others can read",
  ignore: Deno.build.os === "windows",
  async fn() {
    await withFile(KEY, 0o640, async (path) => {
      await assertRejects(() => readPskFile(path, false), PermissionError);
      assertEquals(await readPskFile(path, true), KEY);
    });
  },
});

Deno.test("readPskFile refuses what is no key without repeating it", async () => {
  await withFile("secret words", 0o600, async (path) => {
    const error = await assertRejects(
      () => readPskFile(path, false),
      ConfigError,
      "holds no key",
    );
    assertEquals(error.message.includes("secret"), false);
  });
  await withFile("a".repeat(5000), 0o600, async (path) => {
    await assertRejects(() => readPskFile(path, false), ConfigError, "longer");
  });
  const error = await assertRejects(
    () => readPskFile("/no/such.psk", false),
    TransferError,
  );
  assertEquals(error.kind, "io");
});

Deno.test("resolvePsk prefers the command line to the profile", async () => {
  const profile = { ...PROFILE, pskHex: "00".repeat(32) };
  assertEquals(await resolvePsk({ ...NOTHING, pskHex: KEY }, profile), {
    bytes: KEY,
  });
  assertEquals(await resolvePsk(NOTHING, { ...PROFILE, pskHex: HEX }), {
    bytes: KEY,
  });
  await withFile(KEY, 0o600, async (path) => {
    assertEquals(await resolvePsk(NOTHING, { ...PROFILE, pskFile: path }), {
      bytes: KEY,
      file: path,
    });
  });
  assertEquals(await resolvePsk(NOTHING, PROFILE), undefined);
});

Deno.test("resolvePsk refuses a profile with two keys or a wrong one", async () => {
  await assertRejects(
    () => resolvePsk(NOTHING, { ...PROFILE, pskHex: HEX, pskFile: "x" }),
    UsageError,
    "both",
  );
  await assertRejects(
    () => resolvePsk(NOTHING, { ...PROFILE, pskHex: "abc" }),
    UsageError,
    "psk_hex of profile 'default'",
  );
});
