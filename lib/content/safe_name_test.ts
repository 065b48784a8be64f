import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { needsEscape } from "../text/escape.ts";
import { isDeviceName } from "./name_rules.ts";
import { safeName } from "./safe_name.ts";

const LONG = "x".repeat(300);

/** Names as they were published, and what they become. */
const NAMES: [name: string, safe: string][] = [
  ["photos", "photos"],
  ["film.tar.gz", "film.tar.gz"],
  ["it's $(id) 日本 🎉", "it's $(id) 日本 🎉"],
  ["a b", "a b"],
  // Elsewhere.
  ["../../etc/passwd", "_._.._etc_passwd"],
  ["..\\..\\windows", "_._.._windows"],
  ["/etc/passwd", "_etc_passwd"],
  ["C:\\boot.ini", "C__boot.ini"],
  ["stream:$DATA", "stream_$DATA"],
  // Nothing, and what leads here or above.
  ["", "fetched"],
  [".", "fetched"],
  ["..", "fetched"],
  ["...", "fetched"],
  [" ", "fetched"],
  ["/", "fetched"],
  ["\\\\", "fetched"],
  ["\0", "fetched"],
  ["--", "fetched"],
  ["\u202e\u200b", "fetched"],
  // Read by programs of themselves.
  [".bashrc", "_bashrc"],
  [".ssh", "_ssh"],
  // Options.
  ["-rf", "_rf"],
  ["--out", "_-out"],
  // Dropped by Windows.
  ["name.", "name"],
  ["name. . ", "name"],
  ["  name", "name"],
  // Devices, with any ending.
  ["con", "_con"],
  ["NUL.txt", "_NUL.txt"],
  ["com1", "_com1"],
  ["lpt\u00b9.tar.gz", "_lpt\u00b9.tar.gz"],
  ["aux .c", "_aux .c"],
  ["console", "console"],
  // What a terminal acts on, and what nobody sees.
  ["a\x1b[2Jb\r\n", "a_[2Jb__"],
  ["photo\u202egpj.exe", "photo_gpj.exe"],
  ["a\u{e0041}b", "a_b"],
  ["\ud800x", "\ufffdx"],
  // Length.
  [LONG, "x".repeat(255)],
  [`${LONG}.tar`, `${"x".repeat(251)}.tar`],
  ["日".repeat(100), "日".repeat(85)],
  [`${"日".repeat(100)}.txt`, `${"日".repeat(83)}.txt`],
  [
    `x${"y.".repeat(20)}${"z".repeat(300)}`,
    `x${"y.".repeat(20)}${"z".repeat(214)}`,
  ],
];

for (const [name, safe] of NAMES) {
  Deno.test(`safeName makes ${JSON.stringify(name.slice(0, 40))} ${JSON.stringify(safe.slice(0, 40))}`, () => {
    assertEquals(safeName(name, "fetched"), safe);
  });
}

/** Says what is wrong with a name, in one word. */
function fault(name: string): string | undefined {
  if (/[/\\<>:"|?*\0]/.test(name)) return "slash";
  if (name === "" || /^[.-]/.test(name)) return "start";
  if (/[. ]$/.test(name)) return "end";
  if (needsEscape(name)) return "unseen";
  if (isDeviceName(name)) return "device";
  return new TextEncoder().encode(name).length > 255 ? "length" : undefined;
}

Deno.test("safeName is one harmless component of at most 255 bytes, whatever the name, and stays itself", () => {
  const parts = fc.constantFrom(
    ...["..", ".", "/", "\\", "con", "NUL", "-", " ", "\0", "\x1b[31m", "a"],
    ...["\u202e", "日本語", "🎉", "\ud83d", "x".repeat(200), ".txt", "com1"],
  );
  const names = fc.oneof(
    fc.string({ unit: "binary", maxLength: 400 }),
    fc.array(parts, { maxLength: 8 }).map((all) => all.join("")),
  );
  fc.assert(fc.property(names, (name) => {
    const safe = safeName(name, "fetched");
    assertEquals(fault(safe), undefined, JSON.stringify([name, safe]));
    assertEquals(safeName(safe, "fetched"), safe);
    // What needs no change has none.
    if (fault(name) === undefined && name.trim() === name) {
      assert(safe === name || safe === "fetched");
    }
  }));
});
