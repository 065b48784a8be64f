import { assert, assertEquals } from "@std/assert";
import { CHUNK_SIZE, CONNECTIONS_MAX, REQUEST_MAX } from "../limits.ts";
import { localParameters } from "./local_parameters.ts";

Deno.test("who attaches may receive two chunks on a stream without a pause", () => {
  const { initialMaxStreamData, initialMaxData } = localParameters(false, 0);
  assert(initialMaxStreamData >= 2 * CHUNK_SIZE);
  assert(initialMaxData > initialMaxStreamData);
});

Deno.test("who listens gives credit for requests, a few GB for all peers together", () => {
  const { initialMaxStreamData, initialMaxData } = localParameters(true, 0);
  assert(initialMaxStreamData >= REQUEST_MAX);
  assert(initialMaxData * CONNECTIONS_MAX <= 2 ** 31);
});

Deno.test("the socket's buffer is told as it is", () => {
  assertEquals(localParameters(true, 212_992).receiveBufferBytes, 212_992);
});
