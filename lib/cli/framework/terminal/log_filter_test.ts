import { assertEquals, assertStringIncludes } from "@std/assert";
import { chooseLogLevel } from "./log_filter.ts";

const filter = (value?: string) => ({
  variable: "LOG",
  value,
  targets: ["own_name", "own_sdk", "own_mesh"],
});

Deno.test("chooseLogLevel goes by -v and -q, -v winning, unless a variable is set", () => {
  const cases: [boolean, number, string | undefined, string | undefined][] = [
    [false, 0, undefined, "warn"],
    [true, 0, undefined, "error"],
    [true, 1, "", "info"],
    [false, 2, " , ", "debug"],
    [false, 9, undefined, "trace"],
    [true, 0, "debug", "debug"],
    [false, 3, "off", undefined],
  ];
  for (const [quiet, verbose, value, level] of cases) {
    assertEquals(
      chooseLogLevel(quiet, verbose, filter(value)),
      { level },
      value,
    );
  }
});

Deno.test("chooseLogLevel takes directives for each of the program's names", () => {
  const cases: [string, string | undefined][] = [
    ["INFO", "info"],
    ["0", undefined],
    ["5", "trace"],
    ["own_mesh=debug", "debug"],
    ["own=info,own_sdk=trace", "trace"],
    ["own_sdk=trace,own=info", "trace"],
    ["own_name=info,trace", "info"],
    ["own=info, own=debug", "debug"],
    ["own=off", undefined],
    ["own", "trace"],
    ["warn,own_name", "trace"],
    ["own=", "trace"],
    // The rest is about others.
    ["warn,other=trace", "warn"],
    ["other=debug", "error"],
    ["info,hyper", "info"],
    ["info,own_sdk::transport=trace", "info"],
    ["info,own[fetch{peer=1,kind=blob}]=trace", "info"],
    ["info,[{peer}]=trace", "info"],
  ];
  for (const [value, level] of cases) {
    assertEquals(chooseLogLevel(false, 0, filter(value)), { level }, value);
  }
});

Deno.test("chooseLogLevel passes over what is no filter, and says why", () => {
  const cases: [string, string][] = [
    ["loud", "'loud' is no level"],
    ["own=loud", "'loud' is no level"],
    ["info,own=6", "'6' is no level"],
    ["own=info=debug", "'own=info=debug' is no directive"],
    ["=info", "'=info' is no directive"],
    ["a b", "'a b' is no directive"],
    ["own[span=info", "'own[span=info' is no directive"],
  ];
  for (const [value, reason] of cases) {
    const { level, complaint = "" } = chooseLogLevel(true, 0, filter(value));
    assertEquals(level, "error");
    assertStringIncludes(
      complaint,
      `the value '${value}' of LOG is ignored: ${reason}`,
    );
  }
});
