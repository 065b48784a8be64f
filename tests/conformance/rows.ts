/** All rows. */

import { ADMIN_ROWS } from "./admin.ts";
import { ATOMICITY_ROWS } from "./atomicity.ts";
import { BLOB_ROWS } from "./blob.ts";
import { BLOB_EDGE_ROWS } from "./blob_edges.ts";
import { CONFIG_ROWS } from "./config.ts";
import { DIR_ROWS } from "./dir.ts";
import { DIR_METADATA_ROWS } from "./dir_metadata.ts";
import { EXIT_CODE_ROWS } from "./exit_codes.ts";
import { TRANSFER_EXIT_CODE_ROWS } from "./exit_codes_transfer.ts";
import { FAULT_ROWS } from "./faults.ts";
import { OUTPUT_ROWS } from "./output.ts";
import { REFERENCE_ROWS } from "./references.ts";
import type { Row } from "./row.ts";
import { SIGNAL_ROWS } from "./signals.ts";
import { SWAP_ROWS } from "./swap.ts";

/** The rows by their ids; those that wait for something long come first. */
export const ROWS: readonly (readonly [id: string, row: Row])[] = [
  ...[SIGNAL_ROWS, TRANSFER_EXIT_CODE_ROWS, BLOB_ROWS, BLOB_EDGE_ROWS],
  ...[DIR_ROWS, DIR_METADATA_ROWS, REFERENCE_ROWS, CONFIG_ROWS, OUTPUT_ROWS],
  ...[EXIT_CODE_ROWS, ADMIN_ROWS, ATOMICITY_ROWS, FAULT_ROWS, SWAP_ROWS],
].flatMap(Object.entries<Row>);
