import { assertEquals } from "@std/assert";
import { Screen } from "../framework/terminal/screen.ts";
import { Recorder } from "../framework/terminal/testing/recorder.ts";
import {
  barDisplay,
  eventsDisplay,
  linesDisplay,
  type ProgressDisplay,
} from "../framework/progress/progress_display.ts";
import { showWhile } from "../framework/progress/with_progress.ts";
import { keepNote } from "./keep_updates.ts";

const LOST = keepNote({
  type: "lost",
  address: "a:1",
  close: { by: "timeout", code: 0, reason: "" },
});
const BACK = keepNote({
  type: "attached",
  address: "b:2",
  afterMs: 1500,
  before: 1,
});

/** What a display shows of a fetch that loses its holder. */
async function shown(
  display: (screen: Screen) => ProgressDisplay,
): Promise<string> {
  const terminal = new Recorder();
  await showWhile(display(new Screen(terminal)), { label: "x" }, (report) => {
    report({ note: BACK });
    report({ totalBytes: 10n });
    report({ bytes: 4n, note: LOST });
    report({ note: BACK });
    return Promise.resolve();
  });
  return terminal.text;
}

Deno.test("programs are told of a holder that is lost and found, after the start", async () => {
  const events = (await shown(eventsDisplay)).trimEnd().split("\n")
    .map((line) => JSON.parse(line));
  assertEquals(events.filter(({ event }) => event !== "progress"), [
    { event: "start", total_bytes: 10 },
    { event: "lost", address: "a:1", reason: "timeout" },
    { event: "attached", address: "b:2", after_secs: 1.5 },
    { ...events.at(-1), event: "done", bytes: 4, total_bytes: 10 },
  ]);
});

Deno.test("a bar stands for a holder that is lost", async () => {
  const drawn = await shown((screen) => barDisplay(screen, () => 60));
  assertEquals(
    drawn.match(/ 40% {2}holder lost, attaching/g)?.length,
    1,
    drawn,
  );
});

Deno.test("lines tell of a holder that is lost and found", async () => {
  const lines = (await shown(linesDisplay)).split("\n");
  assertEquals(
    lines.filter((line) => line.includes("attach")),
    [
      "holder lost, attaching",
      " 40%  holder lost, attaching",
      "attached again to b:2",
    ],
  );
});
