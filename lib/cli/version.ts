/** Name and version of the program. */

import manifest from "../../deno.json" with { type: "json" };

export const PROGRAM = "net-transfer";

export const VERSION: string = manifest.version;

/** The revision it was built from; the build script writes it. */
export const GIT_REVISION: string | null = null;
