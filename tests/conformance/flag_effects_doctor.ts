/** The flags of `doctor`. */

import { words } from "../../scripts/program.ts";
import { effect, type FlagEffects } from "./flag_effect.ts";
import type { Place } from "./place.ts";

/** A check of `doctor`, with what it told. */
interface DoctorCheck {
  readonly check: string;
  readonly [figure: string]: unknown;
}

/** One check of a doctor that measures for a moment. */
async function diagnosed(
  place: Place,
  check: string,
  flags: readonly string[],
): Promise<DoctorCheck | undefined> {
  const { stdout } = await place.run`doctor ${flags}`;
  const checks: DoctorCheck[] = JSON.parse(stdout).checks;
  return checks.find((found) => found.check === check);
}

const MOMENT = words`--measure 50ms`;

/** The effects. */
export const DOCTOR_FLAG_EFFECTS: FlagEffects = {
  "doctor --out": effect(
    "another directory is measured",
    async (place) => {
      await Deno.mkdir(place.at("there"));
      const path = async (...more: string[]) =>
        (await diagnosed(place, "disk", [...MOMENT, ...more]))?.path;
      return [await path(), await path("--out", "there")] as const;
    },
  ),
  "doctor --measure": effect(
    "a rate is measured for longer than that",
    async (place) => {
      const long = async (duration: string) => {
        const flags = words`${place.attach()} --measure ${duration}`;
        const found = await diagnosed(place, "rate_down", flags);
        return Number(found?.duration_secs) > 1;
      };
      return [await long("50ms"), await long("2s")] as const;
    },
  ),
  "doctor --from": effect(
    "a node that is not attached to the one attached to is not found",
    async (place) => {
      const code = async (...more: string[]) =>
        (await place.run`doctor ${MOMENT} ${place.attach()} ${more}`).code;
      return [await code(), await code("--from", "42")] as const;
    },
  ),
  "doctor --congestion": effect(
    "the holder measures with what was wished for",
    async (place) => {
      const control = async (...more: string[]) => {
        const flags = words`${MOMENT} ${place.attach()} ${more}`;
        return (await diagnosed(place, "rate_down", flags))?.congestion;
      };
      return [await control(), await control("--congestion", "cubic")] as const;
    },
  ),
};
