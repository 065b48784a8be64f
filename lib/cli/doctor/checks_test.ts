import { assert, assertEquals, assertRejects } from "@std/assert";
import { HandshakeError, PermissionError, TimeoutError } from "../../errors.ts";
import { inStage, StageFailure } from "../stage.ts";
import { Checks } from "./checks.ts";
import { doctorReport } from "./doctor_report.ts";
import { PLAIN } from "../framework/terminal/paint.ts";

function newChecks(signal = new AbortController().signal) {
  const started: string[] = [];
  return {
    started,
    checks: new Checks({ signal }, (check) => started.push(check)),
  };
}

Deno.test("what fails does not end the checks, and the first failure is kept", async () => {
  const { checks, started } = newChecks();
  const late = new TimeoutError("no answer", { hint: "look at the address" });
  const other = new HandshakeError("refused");
  assertEquals(await checks.run("a", () => [1, { said: "one" }]), 1);
  const failing = checks.run(
    "b",
    () => inStage("attach", () => Promise.reject(late)),
  );
  assertEquals(await failing, undefined);
  await checks.run("c", () => Promise.reject(other));
  assertEquals(started, ["a", "b", "c"]);
  assertEquals(checks.list, [
    { check: "a", status: "ok", said: "one" },
    {
      check: "b",
      status: "failed",
      said: "no answer",
      hint: "look at the address",
      figures: { kind: "timeout" },
    },
    {
      check: "c",
      status: "failed",
      said: "refused",
      hint: undefined,
      figures: { kind: "handshake" },
    },
  ]);
  const { failure } = checks;
  assert(failure instanceof StageFailure && failure.cause === late);
});

Deno.test("what the sandbox forbids is skipped, and is no failure", async () => {
  const { checks } = newChecks();
  const cause = new Deno.errors.NotCapable("Requires net access");
  await checks.run("a", () => Promise.reject(cause));
  const ours = new PermissionError("may not", { cause });
  await checks.run("b", () => Promise.reject(ours));
  await checks.run(
    "c",
    () => Promise.reject(new PermissionError("others can read it")),
  );
  assertEquals(checks.list.map(({ status }) => status), [
    "skipped",
    "skipped",
    "failed",
  ]);
});

Deno.test("a signal ends the checks", async () => {
  const stop = new AbortController();
  const { checks } = newChecks(stop.signal);
  const reason = new Error("stop");
  const running = checks.run("a", () => {
    stop.abort(reason);
    return Promise.reject(new Error("because of that"));
  });
  assertEquals(await assertRejects(() => running), reason);
  const next = () => checks.run("b", () => [0, { said: "" }]);
  assertEquals(await assertRejects(next), reason);
  assertEquals(checks.list, []);
});

Deno.test("the page has one line for each check, aligned, escaped and marked", () => {
  const { checks } = newChecks();
  checks.add("disk", { said: "slow\x1b[2J", hint: "buy\na new one" });
  checks.skip("buffers", "not here");
  checks.add("path", { status: "failed", said: "gone" });
  const limit = { stage: "disk", reason: "slower", rate: 2 ** 20 } as const;
  const report = doctorReport(checks.list, limit, 3);
  const lines = report.page(PLAIN).split("\n");
  assertEquals(lines.slice(0, 4), [
    String.raw`ok       disk     slow\u{1b}[2J`,
    String.raw`                  hint: buy\na new one`,
    "skipped  buffers  not here",
    "failed   path     gone",
  ]);
  assertEquals(
    lines[4],
    "ok       limit    disk, at 1 MiB/s: it is the slowest stage",
  );
  const mark = (text: string) => `<${text}>`;
  const marked = report.page({
    ...PLAIN,
    bad: mark,
    strong: (text) => `*${text}*`,
  }).split("\n");
  assertEquals(marked[3], "<failed >  *path   *  gone");
  assertEquals([report.fields.ok, report.fields.failed], [false, "path"]);
  assertEquals(report.fields.exit_code, 3);
});
