import { assertEquals } from "@std/assert";
import { Screen } from "./screen.ts";
import { Recorder } from "./testing/recorder.ts";

Deno.test("Screen writes lines above the status line and leaves nothing behind", () => {
  const terminal = new Recorder(3);
  const screen = new Screen(terminal);
  screen.line("one");
  screen.status("50 %");
  screen.status("50 %");
  screen.line("two");
  screen.status("");
  const drawn = "\r\x1b[?7l50 %\x1b[J\x1b[?7h\r";
  assertEquals(
    terminal.text,
    `one\n${drawn}\r\x1b[K\x1b[Jtwo\n${drawn}\r\x1b[K\x1b[J`,
  );
});

Deno.test("Screen draws the same status again when something else has drawn over it", () => {
  const terminal = new Recorder();
  const screen = new Screen(terminal);
  screen.redraw();
  screen.status("50 %");
  screen.redraw();
  const drawn = "\r\x1b[?7l50 %\x1b[J\x1b[?7h\r";
  assertEquals(terminal.text, drawn + drawn);
});

Deno.test("Screen goes on when stderr is closed", () => {
  const screen = new Screen({
    writeSync() {
      throw new Deno.errors.BrokenPipe("closed");
    },
  });
  screen.line("nobody reads this");
});

Deno.test("Screen draws a status of several rows and goes back to the first", () => {
  const terminal = new Recorder();
  const screen = new Screen(terminal);
  screen.status("one\ntwo\nthree");
  screen.line("a");
  screen.status("");
  const drawn = "\r\x1b[?7lone\x1b[K\ntwo\x1b[K\nthree\x1b[J\x1b[?7h\r\x1b[2A";
  assertEquals(
    terminal.text,
    `${drawn}\r\x1b[K\x1b[Ja\n${drawn}\r\x1b[K\x1b[J`,
  );
});
