import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { join } from "@std/path";
import { ConfigError, IoError, PermissionError } from "../errors.ts";
import {
  readSmallFile,
  type ReadSmallFileOptions,
  requirePrivate,
} from "./small_file.ts";

/** Reads a file of this content and mode. */
async function read(
  content: string,
  mode: number,
  options: Partial<ReadSmallFileOptions> = {},
): Promise<string> {
  const dir = await Deno.makeTempDir();
  try {
    const path = join(dir, "secret");
    await Deno.writeTextFile(path, content);
    if (Deno.build.os !== "windows") await Deno.chmod(path, mode);
    const file = await readSmallFile(path, {
      what: "PSK file",
      max: 10,
      ...options,
    });
    if (Deno.build.os !== "windows") {
      assertEquals((file.access.mode ?? 0) & 0o777, mode);
    }
    return new TextDecoder().decode(file.bytes);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("readSmallFile reads up to its bound", async () => {
  assertEquals(await read("", 0o644), "");
  assertEquals(await read("0123456789", 0o644), "0123456789");
  await assertRejects(
    () => read("0123456789+", 0o644),
    ConfigError,
    "is longer than 10 bytes",
  );
});

Deno.test("readSmallFile names what cannot be read, and says what to do", async () => {
  const path = join(Deno.cwd(), "no such file");
  const options = { what: "PSK file", max: 10 };
  const plain = await assertRejects(
    () => readSmallFile(path, options),
    IoError,
    `cannot read the PSK file "${path}": `,
  );
  assertEquals(plain.fields, { path, os: "ENOENT" });
  const hinted = await assertRejects(
    () => readSmallFile(path, { ...options, missingHint: "make one" }),
    IoError,
    `the PSK file "${path}" does not exist`,
  );
  assertEquals(hinted.hint, "make one");
  assertEquals(hinted.fields, plain.fields);
});

Deno.test({
  name: "readSmallFile refuses a secret that others can use",
  ignore: Deno.build.os === "windows",
  async fn() {
    for (const mode of [0o640, 0o620, 0o610, 0o604, 0o602, 0o601]) {
      assertEquals(await read("x", mode), "x");
      const error = await assertRejects(
        () => read("x", mode, { secret: true }),
        PermissionError,
        `can be used by others (mode 0${mode.toString(8)})`,
      );
      assertEquals(
        error.hint,
        "chmod 600 it, or pass --insecure-permissions; where the file system keeps no modes (exFAT, FAT), keep it elsewhere",
      );
      assertEquals(error.fields.mode, `0${mode.toString(8)}`);
    }
    for (const mode of [0o600, 0o400]) {
      assertEquals(await read("x", mode, { secret: true }), "x");
    }
  },
});

Deno.test("a secret may belong to us or to root, and to nobody else", () => {
  for (const uid of [1000, 0, null]) {
    requirePrivate("psk", "PSK file", { mode: 0o600, uid }, 1000);
  }
  const error = assertThrows(
    () => requirePrivate("psk", "PSK file", { mode: 0o400, uid: 1001 }, 1000),
    PermissionError,
    'the PSK file "psk" belongs to another user (uid 1001)',
  );
  assertEquals(error.fields, { path: "psk", uid: 1001 });
});
