/** `doctor`: looks for what keeps transfers from working, or from being fast. */

import { REQUEST_TIMEOUT_MS } from "../../limits.ts";
import { defineVerb, type Verb } from "../command.ts";
import { Checks } from "../doctor/checks.ts";
import { doctorReport } from "../doctor/doctor_report.ts";
import { limitingStage } from "../doctor/limiting_stage.ts";
import { checkMachine, ratesWith } from "../doctor/machine_checks.ts";
import { MEASURE_MS_MAX, MeasuringTime } from "../doctor/measuring_time.ts";
import { checkPath, targetFinding } from "../doctor/path_checks.ts";
import { checkSettings, namesNode } from "../doctor/settings_checks.ts";
import { EXIT_OK, exitCode } from "../exit_codes.ts";
import { toTransferError } from "../failure.ts";
import { TIME_SPAN } from "../framework/options/duration.ts";
import { optional, withDefault } from "../framework/options/option.ts";
import { DIR } from "../framework/options/value_kind.ts";
import { canRedraw } from "../framework/progress/progress_display.ts";
import { ATTACH_OPTIONS } from "../node/node_options.ts";
import { readAttachTarget } from "../node/read_settings.ts";
import { FETCH_OPTIONS } from "../receiving/receive.ts";
import { stageOf } from "../stage.ts";

/** The exit code of a failure, as the verbs have it that attach and fetch. */
function exitCodeOf(failure: unknown): number {
  if (failure === undefined) return EXIT_OK;
  const { stage, error } = stageOf(failure);
  return exitCode(stage, toTransferError(error).kind);
}

export const verb: Verb = defineVerb({
  arguments: {},
  options: {
    out: withDefault("out", DIR, ".", {
      help: "Directory that fetches will write to: its disk is measured",
    }),
    measure: optional("measure", TIME_SPAN, {
      help: `Measure each rate for this long, at most ${
        MEASURE_MS_MAX / 1000
      }s`,
      shownDefault: "1s, longer on a long path, shorter for the processor",
    }),
    ...FETCH_OPTIONS,
    ...ATTACH_OPTIONS,
  },
  scope: "remote",
  description:
    "Looks at this machine, and at the node if one is named, here or by the profile: what is missing, how fast each stage is, which one limits a fetch, and what to do about it. Each measurement takes about a second, and no longer than --timeout; what this process may not look at is skipped. The exit code is that of a fetch that fails for the same reason.",
  examples: [
    { line: "doctor", does: "Look at this machine alone" },
    {
      line: "doctor --ticket @photos.ticket --psk-file node.psk --out /srv",
      does: "Look for what slows down fetches from a node to /srv",
    },
    {
      line: "doctor --profile home --output json",
      does: "The same of the node of a profile, for a program",
    },
  ],
  async run(values, context) {
    const { screen, format, globals } = context;
    const shown = (format === "table" || format === "text") &&
      !globals.quiet && canRedraw();
    const checks = new Checks(context, (check) => {
      if (shown) screen.status(`looking at: ${check}`);
    });
    const time = new MeasuringTime(
      values.measure,
      globals.timeout ?? REQUEST_TIMEOUT_MS,
    );
    const { signal } = context;
    const rates = await checkMachine(checks, { out: values.out, time, signal });
    const sources = await checkSettings(checks, values, context);
    const wanted = sources !== undefined &&
      (values.from !== undefined || namesNode(sources));
    const target = wanted
      ? await checks.run("target", async () => {
        const target = await readAttachTarget(values, "doctor", context);
        return [target, targetFinding(target)];
      })
      : undefined;
    const transfer = target && await checkPath(checks, target, time, context);
    const { failure, list } = checks;
    const isWhole = failure === undefined &&
      (!wanted || transfer !== undefined);
    const limit = isWhole
      ? limitingStage(await ratesWith(rates, transfer, time), transfer)
      : undefined;
    screen.status("");
    await context.emit(doctorReport(list, limit, exitCodeOf(failure)));
    if (failure !== undefined) throw failure;
  },
});
