/** Every decoder of what comes from outside, as targets of the fuzzer. */

import { connectionTarget } from "./connection_target.ts";
import { CONTENT_TARGETS } from "./content_targets.ts";
import type { Target } from "./engine.ts";
import { FILE_TARGETS } from "./file_targets.ts";
import { MEETING_TARGETS } from "./meeting_targets.ts";
import { OBJECTS_TARGETS } from "./objects_targets.ts";
import { onPathTarget } from "./on_path_target.ts";
import { WIRE_TARGETS } from "./wire_targets.ts";

/** Every target. */
export const TARGETS: readonly Target[] = [
  ...WIRE_TARGETS,
  ...CONTENT_TARGETS,
  ...FILE_TARGETS,
  ...MEETING_TARGETS,
  ...OBJECTS_TARGETS,
  onPathTarget,
  connectionTarget,
];
