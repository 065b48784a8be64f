import { MemoryStore } from "../../lib/store/mod.ts";
import { listTransfers } from "../../lib/transfer/ask/query_transfers.ts";
import { BLOB_TRANSFERS } from "../../lib/transfer/protocol/transfer_query.ts";
import { TransferRegistry } from "../../lib/transfer/protocol/transfer_registry.ts";
import { transferProcedure } from "../../lib/transfer/serve/transfer_policy.ts";
import { connect } from "../../lib/transfer/testing/fixture.ts";
import type { Attack } from "./attack.ts";

export const attack: Attack = {
  name: "foreign_hashes",
  claim:
    "A peer learns no more than 16 digits of the hashes that others fetch.",
  async run() {
    const registry = new TransferRegistry();
    const hash = crypto.getRandomValues(new Uint8Array(32));
    registry.begin(5n, hash, () => {}, { direction: "serving" });
    await using connection = connect(new MemoryStore(), {
      rpc: { [BLOB_TRANSFERS]: transferProcedure(registry) },
    });
    const { rows } = await listTransfers(connection.session, { all: true });
    const known = rows[0].hash.filter((byte, i) => byte === hash[i] && i >= 8);
    // Of 24 random bytes hardly one is 0.
    return {
      held: rows.length === 1 && known.length < 4,
      line: `of the last 24 bytes of a foreign hash ${known.length} were told`,
    };
  },
};
