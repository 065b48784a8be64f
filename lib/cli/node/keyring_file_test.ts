import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { TempDir } from "../../../scripts/temp_dir.ts";
import { onWindows, unless } from "../../../tests/support/unless.ts";
import { ConfigError, PermissionError, UsageError } from "../../errors.ts";
import { KEYRING_NAMED_MAX } from "../../limits.ts";
import {
  changeKeyringFile,
  drawPsk,
  keyringPath,
  parseKeyring,
  readKeyringFile,
  renderKeyring,
} from "./keyring_file.ts";

const HEX = "0123456789abcdef".repeat(4);
const PATH = "node.keyring";
/** Told of no key, whatever is wrong. */
const PART = HEX.slice(0, 12);

Deno.test("a keyring lies beside its identity, whatever that is called", () => {
  assertEquals(keyringPath("/a/node.toml"), "/a/node.keyring");
  assertEquals(keyringPath("id"), "id.keyring");
});

Deno.test("what is written is read again, with the names and times there were", () => {
  const psks = ["ann", "Ben-2", "c_d"].map(drawPsk);
  assertEquals(parseKeyring(renderKeyring(psks), PATH), psks);
  assertEquals(parseKeyring(renderKeyring([]), PATH), []);
  assertEquals(parseKeyring("", PATH), []);
  const byHand = `[psk.ann]\npsk_hex = "${HEX.toUpperCase()}"\n`;
  assertEquals(parseKeyring(byHand, PATH)[0].createdAt, undefined);
  const timed = `${byHand}created_at = 2026-01-31T12:00:00Z\n`;
  assertEquals(parseKeyring(timed, PATH)[0].createdAt, "2026-01-31T12:00:00Z");
});

Deno.test("a keyring that is malformed is refused, and no word of a secret told", () => {
  const entry = (name: string, more = "") =>
    `[psk.${name}]\npsk_hex = "${HEX}"\n${more}`;
  const other = HEX.replaceAll("0", "1");
  const bad: [string, string][] = [
    ["psk", "not valid|Invalid|line 1"],
    [`psk = "${HEX}"`, "psk is no table"],
    [`[psk]\nann = "${HEX}"`, "psk.ann is no table"],
    [`ann = "${HEX}"`, "unknown key"],
    [entry("ann", 'note = "x"'), "unknown key"],
    [entry("ann", "created_at = 7"), "no text"],
    [`[psk.ann]\npsk_hex = "${HEX}0"`, "64 hex digits"],
    [`[psk.ann]\npsk_hex = "0x${HEX}"`, "64 hex digits"],
    [entry("default"), "permanent key"],
    [entry('"a b"'), "cannot be called"],
    [entry('"\\u001b[31m"'), "cannot be called"],
    [entry("ann") + entry("ben"), "is that of ann"],
    [entry("ann") + entry("ann"), "set twice"],
    [`${entry("ann")}x = ${other}`, "line"],
  ];
  for (const [text, message] of bad) {
    const error = assertThrows(() => parseKeyring(text, PATH), ConfigError);
    assert(new RegExp(message).test(error.message), error.message);
    for (const told of [error.message, error.hint ?? ""]) {
      assert(!told.includes(PART) && !told.includes("\x1b"), told);
    }
  }
});

Deno.test("a file that is not there has no keys, and a change makes it, for its owner alone", async () => {
  await using dir = await TempDir.make();
  const path = dir.at("sub", PATH);
  assertEquals(await readKeyringFile(path), []);
  const ann = drawPsk("ann");
  await changeKeyringFile(path, (psks) => [...psks, ann], {});
  assertEquals(await readKeyringFile(path), [ann]);
  const kept = await changeKeyringFile(path, () => undefined, {});
  assertEquals(kept, [ann]);
  if (Deno.build.os === "windows") return;
  assertEquals((await Deno.stat(path)).mode! & 0o777, 0o600);
});

Deno.test("more keys than a node may have are refused, and the file stays", async () => {
  await using dir = await TempDir.make();
  const path = dir.at(PATH);
  const most = Array.from(
    { length: KEYRING_NAMED_MAX },
    (_, i) => drawPsk(`k${i}`),
  );
  await changeKeyringFile(path, () => most, {});
  await assertRejects(
    () => changeKeyringFile(path, (psks) => [...psks, drawPsk("x")], {}),
    UsageError,
    "more than",
  );
  assertEquals(await readKeyringFile(path), most);
});

Deno.test("changes that come at the same time all count", async () => {
  await using dir = await TempDir.make();
  const path = dir.at(PATH);
  const names = Array.from({ length: 12 }, (_, i) => `k${i}`);
  await Promise.all(
    names.map((name) =>
      changeKeyringFile(path, (psks) => [...psks, drawPsk(name)], {})
    ),
  );
  const kept = (await readKeyringFile(path)).map(({ name }) => name);
  assertEquals(kept.sort(), names.sort());
});

Deno.test({
  ...unless(onWindows, "a keyring for others' eyes is refused"),
  async fn() {
    await using dir = await TempDir.make();
    const path = await dir.write(PATH, `[psk.ann]\npsk_hex = "${HEX}"\n`, {
      mode: 0o644,
    });
    await Deno.chmod(path, 0o644);
    await assertRejects(() => readKeyringFile(path), PermissionError);
    const read = await readKeyringFile(path, { insecurePermissions: true });
    assertEquals(read.map(({ name }) => name), ["ann"]);
  },
});
