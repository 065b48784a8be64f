/**
 * What a meeting point is asked: `meeting.announce` and `meeting.withdraw` with
 * a tag, of a node that is attached to it, answered by one byte; `meeting.find`
 * with a tag, answered by the key of the node that has it, or nothing.
 */

import { ExistsError, PermissionError, ProtocolError } from "../errors.ts";
import type { Session } from "../mesh/mod.ts";
import {
  callRpc,
  type CallRpcOptions,
  type RpcHandler,
  UnknownProcedureError,
} from "../transfer/mod.ts";
import { numberTag, TAG_LENGTH } from "./meeting_secrets.ts";
import type { MeetingTags } from "./meeting_tags.ts";

const ANNOUNCE = "meeting.announce";
const WITHDRAW = "meeting.withdraw";
const FIND = "meeting.find";

const KEY_LENGTH = 32;

const DONE = 0;
const TAKEN = 1;
const FULL = 2;

/** The tag of a number at a meeting point: at others it is another one. */
function tagAt(session: Session, number: number): Uint8Array {
  return numberTag({ number }, session.remote.publicKey);
}

function checkTag(tag: Uint8Array): Uint8Array {
  if (tag.length === TAG_LENGTH) return tag;
  throw new ProtocolError(`a tag has ${TAG_LENGTH} bytes`);
}

/**
 * The procedures of a meeting point.
 *
 * @returns To be offered as `rpc` of a node that relays: the two ends reach each
 * other by way of it.
 */
export function meetingPointProcedures(
  tags: MeetingTags,
): Readonly<Record<string, RpcHandler>> {
  return {
    [ANNOUNCE]: (_name, tag, session) => {
      try {
        tags.add(checkTag(tag), session);
        return Uint8Array.of(DONE);
      } catch (error) {
        if (error instanceof ExistsError) return Uint8Array.of(TAKEN);
        if (error instanceof PermissionError) return Uint8Array.of(FULL);
        throw error;
      }
    },
    [WITHDRAW]: (_name, tag, session) => {
      tags.delete(checkTag(tag), session);
      return Uint8Array.of(DONE);
    },
    [FIND]: (_name, tag) => tags.find(checkTag(tag)) ?? new Uint8Array(),
  };
}

/** Says what is wrong when the node is none. */
async function call(
  session: Session,
  name: string,
  tag: Uint8Array,
  options: CallRpcOptions,
): Promise<Uint8Array> {
  try {
    return await callRpc(session, name, tag, options);
  } catch (error) {
    if (!(error instanceof UnknownProcedureError)) throw error;
    throw new PermissionError("the node is no meeting point", {
      cause: error,
      hint: "it must run 'net-transfer serve --relay --rendezvous'",
      fields: { peer: session.remote.nodeId },
    });
  }
}

/**
 * Has a meeting point know this node by a number.
 *
 * @throws {ExistsError} When another node has it there.
 * @throws {PermissionError} When it takes no more, or is no meeting point.
 */
export async function announceNumber(
  session: Session,
  number: number,
  options: CallRpcOptions = {},
): Promise<void> {
  const tag = tagAt(session, number);
  const [answer] = await call(session, ANNOUNCE, tag, options);
  if (answer === TAKEN) {
    throw new ExistsError("the number is taken at the meeting point");
  }
  if (answer !== DONE) {
    throw new PermissionError("the meeting point takes no more numbers", {
      hint: "wait until others are done, or give the ticket",
    });
  }
}

/** Has it forget the number. */
export async function withdrawNumber(
  session: Session,
  number: number,
  options: CallRpcOptions = {},
): Promise<void> {
  await call(session, WITHDRAW, tagAt(session, number), options);
}

/**
 * Asks a meeting point for the key of the node with a number.
 *
 * @throws {ProtocolError} When what it names is no key.
 */
export async function findNumber(
  session: Session,
  number: number,
  options: CallRpcOptions = {},
): Promise<Uint8Array | undefined> {
  const key = await call(session, FIND, tagAt(session, number), options);
  if (key.length === 0) return undefined;
  if (key.length !== KEY_LENGTH) {
    throw new ProtocolError("the meeting point names what is no key");
  }
  return key;
}
