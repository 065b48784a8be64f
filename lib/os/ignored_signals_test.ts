import { assertEquals } from "@std/assert";
import { isHangupIgnored } from "./ignored_signals.ts";

function status(ignored: string, caught: string): string {
  return `Name:\tdeno\nSigBlk:\t0000000000000001\nSigIgn:\t${ignored}\nSigCgt:\t${caught}\n`;
}

Deno.test("what the system tells of its signals decides whether a process outlives a hangup", () => {
  for (
    const [ignored, expected] of [
      ["0000000000001001", true],
      ["ffffffffffffffff", true],
      ["0000000000001000", false],
      ["0000000000000002", false],
    ] as const
  ) {
    for (const startedAs of [undefined, "/usr/bin/nohup", "/bin/deno"]) {
      const told = status(ignored, "0000000100000440");
      assertEquals(isHangupIgnored(told, startedAs), expected);
    }
  }
});

Deno.test("where the system does not tell, or the runtime listens already, the shell's word counts", () => {
  const listening = status("0000000000001004", "0000000100004443");
  for (const text of [undefined, "", listening]) {
    for (
      const [startedAs, expected] of [
        ["/usr/bin/nohup", true],
        ["nohup", true],
        ["/usr/bin/deno", false],
        ["/home/x/nohupper", false],
        [undefined, false],
      ] as const
    ) assertEquals(isHangupIgnored(text, startedAs), expected);
  }
});
