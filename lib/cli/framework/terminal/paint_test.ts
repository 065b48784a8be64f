import { assertEquals } from "@std/assert";
import { choosePaint, type ColorChoice } from "./paint.ts";

const AUTO: ColorChoice = { color: "auto", noColor: false };
const ALWAYS: ColorChoice = { color: "always", noColor: false };

Deno.test("choosePaint follows the flags, then NO_COLOR, then the terminal", () => {
  const cases: [ColorChoice, string | undefined, boolean, boolean][] = [
    [AUTO, undefined, true, true],
    [AUTO, undefined, false, false],
    [AUTO, "1", true, false],
    [AUTO, "", true, true],
    [ALWAYS, "1", false, true],
    [{ ...AUTO, color: "never" }, undefined, true, false],
    [{ ...ALWAYS, noColor: true }, undefined, true, false],
  ];
  for (const [choice, noColor, terminal, coloured] of cases) {
    const paint = choosePaint(choice, noColor, terminal);
    assertEquals(
      [paint.bad("x"), paint.notice("x"), paint.strong("x"), paint.faint("x")],
      coloured
        ? [[31, 39], [33, 39], [1, 22], [2, 22]].map(([open, close]) =>
          `\x1b[${open}mx\x1b[${close}m`
        )
        : ["x", "x", "x", "x"],
      JSON.stringify([choice, noColor, terminal]),
    );
  }
});
