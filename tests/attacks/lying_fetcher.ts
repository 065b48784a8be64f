import { delay } from "@std/async";
import { attachOptionsOf, decodeTicket, Node } from "../../lib/mesh/mod.ts";
import {
  fetchBlobStream,
  resolveTicketRef,
  tellFetched,
} from "../../lib/transfer/mod.ts";
import { noise } from "../../scripts/make_tree.ts";
import { TempDir } from "../../scripts/temp_dir.ts";
import { ShareProcess } from "../support/share_process.ts";
import type { Attack } from "./attack.ts";

/** Sessions that lie, each with a key of its own. */
const LIARS = 5;

export const attack: Attack = {
  name: "lying_fetcher",
  claim:
    "A client that says it has all of a share, and was not sent it, does not end the share.",
  async run() {
    await using dir = await TempDir.make();
    const file = await dir.write("file", noise(9_000_000, 1));
    await using share = await ShareProcess.start([file, "--once"]);
    const ticket = decodeTicket(share.ready.ticket);
    const { content } = ticket;
    if (content === undefined) throw new Error("the ticket names nothing");
    let counted = 0;
    for (let liar = 0; liar < LIARS; liar++) {
      await using session = await Node.attach(attachOptionsOf(ticket));
      if (await tellFetched(session, content.hash)) counted++;
      const ref = await resolveTicketRef(content, session);
      // A part of it is not all of it, nor is the same part sent to many.
      const first = { inflightBytes: 1 };
      for await (const _ of fetchBlobStream(session, ref, first)) break;
      if (await tellFetched(session, content.hash)) counted++;
    }
    const isOver = await Promise.race([
      share.next().then(() => true),
      delay(500).then(() => false),
    ]);
    return {
      held: counted === 0 && !isOver,
      line: `${LIARS} clients lied, one chunk of three each in hand: ` +
        `${counted} counted, the share ${isOver ? "ended" : "went on"}`,
    };
  },
};
