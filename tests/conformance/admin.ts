/**
 * What `ls`, `status` and `cancel` say of a node that is idle, and of one that
 * cannot be asked.
 *
 * @module
 */

import type { Place, Row } from "./row.ts";

const SOURCE = "cli/tests/transfer_cli_admin.rs";
const SHOWN = "cli/src/commands/transfer.rs";

/** Runs a verb against the holder; what it prints, with its exit code. */
async function ask(
  place: Place,
  ...args: string[]
): Promise<Record<string, unknown>> {
  const { code, stdout } = await place.run(
    ...[...args, ...place.holder.attach(), "--output", "json"],
  );
  return { code, ...JSON.parse(stdout) };
}

/** A row about nothing but the exit code. */
function exits(
  id: string,
  code: number,
  source: string,
  description: string,
  args: readonly string[],
): Row {
  return {
    id: `admin-${id}`,
    description,
    source,
    expected: "same",
    reference: { code },
    run: async (place) => ({ code: (await place.run(...args)).code }),
  };
}

/** The rows. */
export const ADMIN_ROWS: readonly Row[] = [
  {
    id: "admin-ls-idle",
    description: "ls of an idle holder",
    source: SOURCE,
    expected: "same",
    reference: { code: 0, transfer_count: 0, transfers: [] },
    run: (place) => ask(place, "ls"),
  },
  {
    id: "admin-status-unknown",
    description: "status of an id that does not run echoes it",
    source: SOURCE,
    expected: "same",
    reference: { code: 0, transfer_id: 0x42, found: false },
    run: (place) => ask(place, "status", "0x42"),
  },
  {
    id: "admin-cancel-unknown",
    description: "cancel of an id that does not run is no failure",
    source: SOURCE,
    expected: "same",
    reference: { code: 0, transfer_id: 0x42, cancelled: false },
    run: (place) => ask(place, "cancel", "0x42"),
  },
  {
    id: "admin-id-decimal",
    description: "an id is as long as 64 bits, and printed to the digit",
    source: SHOWN,
    expected: "same",
    reference: {
      code: 0,
      stdout: '{"transfer_id":18446744073709551615,"found":false}\n',
    },
    async run(place) {
      const { code, stdout } = await place.run(
        ...["status", "18446744073709551615", ...place.holder.attach()],
        ...["--output", "ndjson"],
      );
      return { code, stdout };
    },
  },
  {
    id: "admin-ls-ndjson",
    description: "ls as ndjson is the whole object on one line",
    source: SHOWN,
    expected: "same",
    reference: { stdout: '{"transfer_count":0,"transfers":[]}\n' },
    async run(place) {
      const { stdout } = await place.run(
        ...["ls", ...place.holder.attach(), "--output", "ndjson"],
      );
      return { stdout };
    },
  },
  {
    id: "admin-ls-yaml",
    description: "ls as yaml has an empty list",
    source: SHOWN,
    expected: "same",
    reference: { stdout: "transfer_count: 0\ntransfers: []\n" },
    async run(place) {
      const { stdout } = await place.run(
        ...["ls", ...place.holder.attach(), "--output", "yaml"],
      );
      return { stdout };
    },
  },
  {
    id: "admin-text",
    description: "text is one line for people",
    source: SHOWN,
    expected: "fixed",
    reason: "the reference prints JSON for it",
    reference: { stdout: '{\n  "transfer_count": 0,\n  "transfers": []\n}\n' },
    ours: { stdout: "no transfers\n" },
    async run(place) {
      const { stdout } = await place.run(
        ...["ls", ...place.holder.attach(), "--output", "text"],
      );
      return { stdout };
    },
  },
  exits("ls-no-attach", 2, SOURCE, "ls without a node to ask", ["ls"]),
  exits("status-bad-id", 2, SOURCE, "an id that is none, without a holder", [
    "status",
    "not-an-id",
  ]),
  exits("cancel-bad-id", 2, SHOWN, "the same for cancel", [
    "cancel",
    "18446744073709551616",
  ]),
  exits("status-no-id", 2, SHOWN, "status without an id", ["status"]),
  exits("status-no-attach", 2, SHOWN, "status without a node to ask", [
    "status",
    "1",
  ]),
];
