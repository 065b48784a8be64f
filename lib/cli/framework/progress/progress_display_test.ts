import { assertEquals } from "@std/assert";
import { Screen } from "../terminal/screen.ts";
import { Recorder } from "../terminal/testing/recorder.ts";
import { barDisplay, eventsDisplay, linesDisplay } from "./progress_display.ts";
import type { ProgressState } from "./progress_meter.ts";

const STATE: ProgressState = {
  label: "x",
  bytes: 2n ** 60n + 1n,
  totalBytes: 2n ** 61n,
  files: 1,
  totalFiles: 2,
  path: "evil\x1b[2J\u202e",
};

Deno.test("eventsDisplay prints an object a line, with exact numbers", () => {
  const terminal = new Recorder();
  const display = eventsDisplay(new Screen(terminal));
  display.show("start", { ...STATE, bytes: 0n }, 0);
  display.show("progress", { ...STATE, rate: 2 ** 60 }, 1);
  display.show("failed", STATE, 2.5);
  const sizes = '"total_bytes":2305843009213693952,"total_files":2';
  assertEquals(terminal.text.split("\n"), [
    `{"event":"start",${sizes}}`,
    `{"event":"progress","bytes":1152921504606846977,"files":1,${sizes},"rate_bytes_s":1152921504606846976,"eta_secs":1.0,"path":"evil\\u001b[2J\\u202e"}`,
    `{"event":"failed","bytes":1152921504606846977,"files":1,${sizes},"duration_secs":2.5}`,
    "",
  ]);
});

Deno.test("barDisplay leaves nothing on the screen", () => {
  const terminal = new Recorder();
  const display = barDisplay(new Screen(terminal), () => 30);
  display.show("start", STATE, 0);
  display.show("failed", STATE, 1);
  assertEquals(
    terminal.text,
    "\r\x1b[?7l 50%\x1b[J\x1b[?7h\r\r\x1b[K\x1b[J",
  );
});

Deno.test("linesDisplay prints whole lines without controls", () => {
  const terminal = new Recorder();
  linesDisplay(new Screen(terminal)).show("progress", STATE, 1);
  assertEquals(
    terminal.text,
    " 50%  1.00 EiB / 2 EiB                       1 / 2 files  evil\\u{1b}[2J\\u{202e}\n",
  );
});

Deno.test("eventsDisplay and linesDisplay tell of a stage, its counts and its pace", () => {
  const stage = {
    name: "removing",
    text: "removing the old tree",
    files: 3,
    path: "x\n",
  };
  const terminal = new Recorder();
  const events = eventsDisplay(new Screen(terminal));
  events.stage?.(stage);
  events.show("progress", { ...STATE, stage, rate: 0 }, 1);
  const [started, progress] = terminal.text.trimEnd().split("\n")
    .map((line) => JSON.parse(line));
  assertEquals(started, { event: "stage", stage: "removing" });
  const { stage: name, stage_files, files, path } = progress;
  assertEquals([name, stage_files, files, path], ["removing", 3, 1, "x\n"]);

  const lines = new Recorder();
  linesDisplay(new Screen(lines)).stage?.(stage);
  assertEquals(lines.text, "removing the old tree\n");
});
