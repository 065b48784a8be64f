/** A program that shows progress and never heeds the first signal. */

import { Interruption } from "../../lib/cli/interruption.ts";
import { barDisplay } from "../../lib/cli/framework/progress/progress_display.ts";
import { Screen } from "../../lib/cli/framework/terminal/screen.ts";
import { showWhile } from "../../lib/cli/framework/progress/with_progress.ts";

const interruption = new Interruption();
const screen = new Screen(Deno.stderr);
interruption.signal.addEventListener("abort", () => screen.line("asked"));
const about = { label: "stuck in its work" };
await showWhile(barDisplay(screen), about, () => new Promise(() => {}));
