import { assertEquals } from "@std/assert";
import { decodeStatx, STATX_BYTES } from "./statx.ts";

function struct(
  { mode = 0o100644, major = 0, minor = 0, birth = true, seconds = 5n } = {},
): Uint8Array {
  // Not at the start of its buffer.
  const bytes = new Uint8Array(STATX_BYTES + 8).subarray(8);
  const view = new DataView(bytes.buffer, 8);
  view.setUint32(0, birth ? 0xfff : 0x7ff, true);
  view.setUint32(16, 2, true);
  view.setUint32(20, 1000, true);
  view.setUint32(24, 100, true);
  view.setUint16(28, mode, true);
  view.setBigUint64(32, 77n, true);
  view.setBigUint64(40, 2n ** 40n, true);
  view.setBigUint64(48, 8n, true);
  for (const at of [80, 96, 112]) {
    view.setBigInt64(at, seconds, true);
    view.setUint32(at + 8, 999_999_999, true);
  }
  view.setUint32(136, major, true);
  view.setUint32(140, minor, true);
  return bytes;
}

Deno.test("decodeStatx tells what the runtime tells, times cut as there", () => {
  assertEquals(decodeStatx(struct({ major: 253, minor: 1 })), {
    isFile: true,
    isDirectory: false,
    isSymlink: false,
    mode: 0o100644,
    ...{ nlink: 2, uid: 1000, gid: 100, blocks: 8 },
    dev: 253 * 256 + 1,
    ino: 77,
    size: 2 ** 40,
    mtime: new Date(5999),
    ctime: new Date(5000),
    birthtime: new Date(5999),
  });
});

Deno.test("decodeStatx puts large device numbers together as makedev does", () => {
  const { dev } = decodeStatx(struct({ major: 0x1234, minor: 0x5_6789 })) ?? {};
  assertEquals(dev, 0x1000 * 2 ** 32 + 0x5_6700 * 2 ** 12 + 0x2_3400 + 0x89);
});

Deno.test("decodeStatx knows what is no regular file, and what has no birth time", () => {
  assertEquals(decodeStatx(struct({ mode: 0o010644 }))?.isFile, false);
  const link = decodeStatx(struct({ mode: 0o120777 }));
  assertEquals([link?.isFile, link?.isSymlink], [false, true]);
  assertEquals(decodeStatx(struct({ mode: 0o040755 }))?.isDirectory, true);
  assertEquals(decodeStatx(struct({ birth: false }))?.birthtime, null);
});

Deno.test("decodeStatx leaves times before 1970 to the runtime", () => {
  assertEquals(decodeStatx(struct({ seconds: -1n })), undefined);
});
