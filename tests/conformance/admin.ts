/**
 * What `ls`, `status` and `cancel` say of a node that is idle, and of one that
 * cannot be reached.
 */

import { exits } from "./exit_codes.ts";
import { from, type Row, type Rows } from "./row.ts";

/** A row about what a verb prints of the idle holder in some format. */
function printed(
  description: string,
  line: string,
  stdout: string,
  fixed?: { ours: { code: 0; stdout: string }; reason: string },
): Omit<Row, "source"> {
  return {
    description,
    reference: { code: 0, stdout },
    ...fixed,
    async run(place) {
      const { code, stdout } = await place
        .run`${line.split(" ")} ${place.attachIdle()}`;
      return { code, stdout };
    },
  };
}

/** The same with the text of the id, which a tool cannot round. */
function withText(start: string, digits: string) {
  const stdout = `${start},"transfer_id_hex":"0x${digits}"}\n`;
  return {
    ours: { code: 0, stdout },
    reason: "many tools round a number of 64 bits",
  } as const;
}

/** The rows. */
export const ADMIN_ROWS: Rows = {
  ...from("cli/tests/transfer_cli_admin.rs", {
    "admin-ls-idle": printed(
      "ls of an idle holder",
      "ls --output json",
      '{\n  "transfer_count": 0,\n  "transfers": []\n}\n',
    ),
    "admin-status-unknown": printed(
      "status of an id that does not run echoes it",
      "status 0x42 --output ndjson",
      '{"transfer_id":66,"found":false}\n',
      withText('{"transfer_id":66,"found":false', "0000000000000042"),
    ),
    "admin-cancel-unknown": printed(
      "cancel of an id that does not run is no failure",
      "cancel 0x42 --output ndjson",
      '{"transfer_id":66,"cancelled":false}\n',
      withText('{"transfer_id":66,"cancelled":false', "0000000000000042"),
    ),
    "admin-ls-no-attach": exits("C.none-ls", "ls without a node to ask", "ls"),
    "admin-status-bad-id": exits(2, "a malformed id", "status not-an-id"),
  }),
  ...from("cli/src/commands/transfer.rs", {
    "admin-id-decimal": printed(
      "an id is as long as 64 bits, and printed to the digit",
      "status 18446744073709551615 --output ndjson",
      '{"transfer_id":18446744073709551615,"found":false}\n',
      withText(
        '{"transfer_id":18446744073709551615,"found":false',
        "ffffffffffffffff",
      ),
    ),
    "admin-ls-ndjson": printed(
      "ls as ndjson is the whole object on one line",
      "ls --output ndjson",
      '{"transfer_count":0,"transfers":[]}\n',
    ),
    "admin-ls-yaml": printed(
      "ls as yaml has an empty list",
      "ls --output yaml",
      "transfer_count: 0\ntransfers: []\n",
    ),
    "admin-text": printed(
      "text is one line for people",
      "ls --output text",
      '{\n  "transfer_count": 0,\n  "transfers": []\n}\n',
      {
        ours: { code: 0, stdout: "no transfers\n" },
        reason: "the reference prints JSON for it",
      },
    ),
    "admin-cancel-bad-id": exits(
      2,
      "cancel of an id longer than 64 bits",
      "cancel 18446744073709551616",
    ),
    "admin-status-no-id": exits(2, "status without an id", "status"),
    "admin-status-no-attach": exits(
      "C.none-status",
      "status without a node to ask",
      "status 1",
    ),
  }),
};
