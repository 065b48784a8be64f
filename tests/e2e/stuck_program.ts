/**
 * A program that shows progress and never heeds the first signal.
 *
 * @module
 */

import { Interruption } from "../../lib/cli/interruption.ts";
import { barDisplay } from "../../lib/cli/progress/progress_display.ts";
import { Screen } from "../../lib/cli/terminal/screen.ts";
import { showWhile } from "../../lib/cli/progress/with_progress.ts";

const interruption = new Interruption();
const screen = new Screen(Deno.stderr);
interruption.signal.addEventListener("abort", () => screen.line("asked"));
const about = { label: "stuck in its work" };
await showWhile(barDisplay(screen), about, () => new Promise(() => {}));
