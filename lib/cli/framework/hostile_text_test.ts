/** A name from outside can act on no terminal, however it is shown. */

import { assert, assertEquals } from "@std/assert";
import { renderReport } from "./output/render.ts";
import { OUTPUT_FORMATS } from "./output/report.ts";
import { eventsDisplay } from "./progress/progress_display.ts";
import { renderProgress } from "./progress/render_progress.ts";
import { Log } from "./terminal/log.ts";
import { Screen } from "./terminal/screen.ts";
import { Recorder } from "./terminal/testing/recorder.ts";

const HOSTILE: Readonly<Record<string, string>> = {
  "a control": "\x1b",
  "a C1 control": "\x9b",
  "a line feed": "\n",
  "a line separator": "\u2028",
  "a bidirectional override": "\u202e",
  "a bidirectional isolate": "\u2066",
  "a character without width": "\u200b",
  "a byte order mark": "\ufeff",
  "a no-break space": "\u00a0",
  "a lone surrogate": "\ud800",
  "a tag": "\u{e0041}",
};

/** Each way of showing a name, as one line. */
const SHOWN: Readonly<Record<string, (name: string) => Promise<string>>> = {
  ...Object.fromEntries(OUTPUT_FORMATS.map((format) => [
    format,
    async (name: string) => {
      const report = {
        fields: { [name]: [{ [name]: name }] },
        text: () => name,
      };
      const shown = await renderReport(report, format);
      // The other formats have several lines by themselves.
      return format === "text" || format === "ndjson"
        ? shown.trimEnd()
        : shown.replaceAll("\n", "");
    },
  ])),
  "a log line": (name) => logged(name, "text"),
  "a log line in JSON": (name) => logged(name, "json"),
  "a progress line": (name) =>
    Promise.resolve(renderProgress({ label: name, bytes: 0n, path: name }, 80)),
  "a progress event": (name) => {
    const recorder = new Recorder();
    const state = { label: name, bytes: 0n, path: name };
    eventsDisplay(new Screen(recorder)).show("progress", state, 0);
    return Promise.resolve(recorder.text.trimEnd());
  },
};

function logged(name: string, format: "text" | "json"): Promise<string> {
  const lines: string[] = [];
  const log = new Log({
    level: "warn",
    format,
    line: (text) => lines.push(text),
  });
  log.warn(name, { name, nested: [{ [name]: name }] });
  assertEquals(lines.length, 1);
  return Promise.resolve(lines[0]);
}

for (const [way, show] of Object.entries(SHOWN)) {
  Deno.test(`a hostile name is harmless in ${way}`, async () => {
    for (const [what, character] of Object.entries(HOSTILE)) {
      const shown = await show(`a${character}b`);
      assert(!shown.includes(character), `${what}: ${shown}`);
      assert(shown.includes("a\\"), `${what}: ${shown}`);
      // As UTF-8 a lone surrogate would become this.
      assert(!shown.includes("\ufffd"), `${what}: ${shown}`);
    }
  });
}
