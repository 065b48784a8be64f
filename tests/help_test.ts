/**
 * Every help page is as its snapshot, and fits a terminal; every page of the
 * manual is without fault. `UPDATE_SNAPSHOTS=1` writes the snapshots anew.
 */

import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import {
  everyPage,
  loadCatalog,
  type Page,
} from "../lib/cli/framework/catalog.ts";
import { COMMAND_LINE } from "../lib/cli/command_line.ts";
import { type HelpOptions, helpPage } from "../lib/cli/framework/help/help.ts";
import { manualName, manualPage } from "../lib/cli/framework/help/manual.ts";

const SNAPSHOTS: string = fromFileUrl(
  new URL("snapshots/help/", import.meta.url),
);
const UPDATE = Deno.env.get("UPDATE_SNAPSHOTS") === "1";

/** The snapshots of a page: what `--help` prints, and `-h`. */
function snapshotsOf(page: Page): [name: string, options: HelpOptions][] {
  const name = manualName(page, COMMAND_LINE);
  return [[`${name}.txt`, {}], [`${name}.short.txt`, { isShort: true }]];
}

const root = await loadCatalog(COMMAND_LINE);
const pages = [...everyPage(root)];

Deno.test("every help page is as its snapshot, and no snapshot is left over", async () => {
  for (const page of pages) {
    for (const [name, options] of snapshotsOf(page)) {
      const path = join(SNAPSHOTS, name);
      const text = `${helpPage(page, COMMAND_LINE, options)}\n`;
      if (UPDATE) await Deno.writeTextFile(path, text);
      const expected = await Deno.readTextFile(path).catch(() => "");
      assertEquals(
        text,
        expected,
        "if the change is meant: UPDATE_SNAPSHOTS=1 deno test -A tests/help_test.ts",
      );
    }
  }
  const names = [...Deno.readDirSync(SNAPSHOTS)].map(({ name }) => name);
  const wanted = pages.flatMap((page) =>
    Object.keys(Object.fromEntries(snapshotsOf(page)))
  );
  assertEquals(names.filter((name) => !wanted.includes(name)), []);
});

Deno.test("every help page fits its width, within reason, and has an example", () => {
  for (const page of pages) {
    for (const isShort of [false, true]) {
      for (const width of [20, 60, 80, 100, 300]) {
        const text = helpPage(page, COMMAND_LINE, { width, isShort });
        assertMatch(
          text,
          /\nExamples?:\n {2}# .*\n(?: {2}# .*\n)* {2}net-transfer /,
        );
        const room = Math.max(60, Math.min(width, 100));
        for (const line of text.split("\n")) {
          assert([...line].length <= room, `${page.words.join(" ")}: ${line}`);
        }
      }
    }
  }
});

Deno.test("short help fits a screen, has one example, and says where the rest is", () => {
  for (const page of pages) {
    const text = helpPage(page, COMMAND_LINE, { isShort: true });
    const lines = text.split("\n");
    assert(
      lines.length <= 40,
      `${page.words.join(" ")}: ${lines.length} lines`,
    );
    assertEquals(text.match(/^ {2}#/gm)?.length, 1);
    if (page.verb !== undefined) assertStringIncludes(text, "--help' has all:");
  }
});

Deno.test("every page of the manual has the sections of a manual page", () => {
  for (const page of pages) {
    const headings = [
      ...manualPage(page, root, COMMAND_LINE).matchAll(/^\.SH "(.*)"$/gm),
    ]
      .map(([, heading]) => heading);
    const wanted = [
      ...["NAME", "SYNOPSIS", "DESCRIPTION", "EXIT STATUS", "ENVIRONMENT"],
      ...["FILES", "EXAMPLES", "SEE ALSO"],
    ];
    assertEquals(headings.filter((name) => wanted.includes(name)), wanted);
    assert(headings.some((name) => name.endsWith("OPTIONS")));
  }
});

const FORMATTERS: [program: string, args: string[]][] = [
  ["groff", ["-man", "-ww", "-Tutf8", "-z"]],
  ["man", ["--warnings=w", "-l"]],
];

for (const [program, args] of FORMATTERS) {
  const present = await new Deno.Command(program, {
    args: ["--version"],
    stdout: "null",
    stderr: "null",
  }).output().then(({ success }) => success, () => false);
  if (!present) {
    console.log(`skipped: manual pages in ${program}, which is not installed`);
  }
  Deno.test({
    name: `${program} formats every page of the manual without a warning`,
    ignore: !present,
    async fn() {
      const dir = await Deno.makeTempDir({ prefix: "net_transfer_man_" });
      try {
        for (const page of pages) {
          const path = join(dir, `${manualName(page, COMMAND_LINE)}.1`);
          await Deno.writeTextFile(path, manualPage(page, root, COMMAND_LINE));
          const { code, stderr } = await new Deno.Command(program, {
            args: [...args, path],
            env: { MANPAGER: "cat", LC_ALL: "C.UTF-8" },
            stdout: "piped",
          }).output();
          assertEquals([code, new TextDecoder().decode(stderr)], [0, ""], path);
        }
      } finally {
        await Deno.remove(dir, { recursive: true });
      }
    },
  });
}
