/**
 * What the sharing end answers in an exchange: why it refuses, as one byte from
 * 1, or 0 and what was asked for. There is no text in it: who shares may be
 * anybody.
 */

import { concat } from "@std/bytes/concat";
import { ProtocolError } from "../errors.ts";
import { CodeRefusedError, REFUSALS } from "./code_refused.ts";

/** Answers with what `make` returns, or that it refuses. */
export async function answerWith(
  make: () => Uint8Array | Promise<Uint8Array>,
): Promise<Uint8Array> {
  try {
    return concat([Uint8Array.of(0), await make()]);
  } catch (error) {
    if (!(error instanceof CodeRefusedError)) throw error;
    return Uint8Array.of(1 + REFUSALS.indexOf(error.why));
  }
}

/**
 * Reads an answer.
 *
 * @param length Bytes that it has at least, unless it is a refusal.
 * @throws {CodeRefusedError} When it is one.
 * @throws {ProtocolError} When it is no answer.
 */
export function decodeMeetingAnswer(
  bytes: Uint8Array,
  length: number,
): Uint8Array {
  const [kind = 0] = bytes;
  const refusal = REFUSALS[kind - 1];
  if (refusal !== undefined && bytes.length === 1) {
    throw new CodeRefusedError(refusal);
  }
  if (kind !== 0 || bytes.length < 1 + length) {
    throw new ProtocolError("the peer does not keep to the exchange of a code");
  }
  return bytes.subarray(1);
}
