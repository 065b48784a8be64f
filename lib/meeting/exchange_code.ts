/**
 * The exchange of a ticket for a code, in a session between the two ends.
 *
 * Two procedures: `meeting.begin` takes the share of the getting end and
 * returns that of the sharing one, `meeting.confirm` takes the confirmation of
 * the getting end and returns that of the sharing one and the sealed ticket. The
 * getting end confirms first: see `CodeTries` for what a guess costs there. It
 * tells the other end whether one guess of that one was right, so that each
 * share that is tried is one guess for whoever made it.
 */

import { concat } from "@std/bytes/concat";
import { equals } from "@std/bytes/equals";
import { ProtocolError } from "../errors.ts";
import {
  decodeTicket,
  encodeTicket,
  type Session,
  type Ticket,
} from "../mesh/mod.ts";
import { callRpc, type RpcHandler } from "../transfer/mod.ts";
import type { Code } from "./code.ts";
import { type CodeTries, GETTER_DATA, SHARER_DATA } from "./code_tries.ts";
import { CpaceExchange, SHARE_LENGTH, TAG_LENGTH } from "./cpace.ts";
import { answerWith, decodeMeetingAnswer } from "./meeting_answer.ts";
import { cpaceInputs, type MeetingChannel } from "./meeting_secrets.ts";
import { seal, unseal } from "./seal.ts";

const BEGIN = "meeting.begin";
const CONFIRM = "meeting.confirm";

/** The handshake of a session: without it nothing is bound to the session. */
function handshakeOf(session: Session): Uint8Array {
  const { handshakeHash } = session.remote;
  if (handshakeHash === undefined) {
    throw new RangeError("the session has no handshake of its own");
  }
  return handshakeHash;
}

/**
 * The procedures of the sharing end.
 *
 * @param tries What is left of the code.
 * @param sharer Static key of this end.
 * @param ticket What is handed over, once.
 */
export function meetingProcedures(
  tries: CodeTries,
  sharer: Uint8Array,
  ticket: Ticket,
): Readonly<Record<string, RpcHandler>> {
  return {
    [BEGIN]: (_name, share, session) =>
      answerWith(() => {
        const channel: MeetingChannel = {
          getter: session.remote.publicKey,
          sharer,
          handshakeHash: handshakeOf(session),
        };
        return tries.begin(session, channel, share).share;
      }),
    [CONFIRM]: (_name, tag, session) =>
      answerWith(async () => {
        using keys = tries.confirm(session, tag);
        const { sealKey } = keys;
        return concat([keys.tag, await seal(sealKey, encodeTicket(ticket))]);
      }),
  };
}

/** How the getting end asks. */
export interface ExchangeCodeOptions {
  /** Static key of this end. */
  readonly getter: Uint8Array;
  /** Fills an array at random. */
  readonly random: (bytes: Uint8Array) => void;
  readonly signal?: AbortSignal;
}

/**
 * Gets the ticket of the peer for a code.
 *
 * @throws {CodeRefusedError} When the code is wrong, or over.
 * @throws {ProtocolError} When the peer took the confirmation and shows none
 * that is right, or a ticket that is not its own.
 */
export async function exchangeCode(
  session: Session,
  code: Code,
  { getter, random, signal }: ExchangeCodeOptions,
): Promise<Ticket> {
  const { publicKey: sharer } = session.remote;
  const handshakeHash = handshakeOf(session);
  const scalar = new Uint8Array(SHARE_LENGTH);
  random(scalar);
  using own = new CpaceExchange(
    "initiator",
    cpaceInputs(code, { getter, sharer, handshakeHash }),
    scalar,
    GETTER_DATA,
  );
  const share = decodeMeetingAnswer(
    await callRpc(session, BEGIN, own.message.share, { signal }),
    SHARE_LENGTH,
  );
  using keys = own.finish({ share, data: SHARER_DATA });
  const answer = decodeMeetingAnswer(
    await callRpc(session, CONFIRM, keys.tag, { signal }),
    TAG_LENGTH,
  );
  if (!keys.confirms(answer.subarray(0, TAG_LENGTH))) {
    throw new ProtocolError(
      "the peer does not know the code that it answers to",
    );
  }
  const ticket = decodeTicket(
    await unseal(keys.sealKey, answer.subarray(TAG_LENGTH)),
  );
  if (!equals(ticket.publicKey, sharer)) {
    throw new ProtocolError("the peer shares a ticket that is not its own");
  }
  return ticket;
}
