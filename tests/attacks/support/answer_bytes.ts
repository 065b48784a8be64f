/** Bytes that the node under attack answers a request with. */
export const ANSWER_BYTES = 16 * 1024 * 1024;
