/** What ends a connection, for tests. */

import { assertEquals, assertThrows } from "@std/assert";
import {
  TransportError,
  TransportErrorCode,
} from "../packet/transport_error.ts";

/**
 * Runs `act`, which must fail with this code, and with a message that has
 * `includes` in it.
 */
export function assertTransportError(
  code: keyof typeof TransportErrorCode,
  act: () => unknown,
  includes = "",
): void {
  const error: TransportError = assertThrows(act, TransportError, includes);
  assertEquals(error.code, TransportErrorCode[code]);
}
