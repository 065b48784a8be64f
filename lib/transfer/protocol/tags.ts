/**
 * Every tag of the transfer protocol. All messages are postcard: a tag is the
 * number of an enum's variant, a varint of one byte; integers are varints, a
 * hash is 32 raw bytes.
 *
 * A request is all that a stream brings before its FIN:
 *
 * | Bytes | Request | Response |
 * |---|---|---|
 * | `00` hash | Get: one chunk | a header, then its bytes |
 * | `01` hash, u64 offset, u64 length | GetRange: a part of one chunk | the same |
 * | `02` vec of hashes | GetMany: chunks one after the other | that of a Get for each in turn |
 * | `03` vec of hashes | Have: which of the chunks are held | a header, then one bit for each |
 * | `04` string name, byte-vec body | Rpc: a named procedure | a header, then its result |
 *
 * A response, or each of its parts, begins with a header:
 *
 * | Bytes | Meaning |
 * |---|---|
 * | `00` varint length | that many bytes follow |
 * | `01` | not held (Get, GetRange, GetMany); no such procedure (Rpc) |
 * | `02` string kind, string message | the procedure failed (Rpc only) |
 *
 * The procedure `blob.transfers`:
 *
 * | Body | Result |
 * |---|---|
 * | `00` bool all: list | u64 count of all, vec of rows |
 * | `01` u64 id: status | option of a row |
 * | `02` u64 id: cancel | bool |
 *
 * A row is: u64 id, u64 peer, hash, u64 bytes so far, option of u64 bytes in
 * the end, direction (`00` fetching, `01` serving).
 *
 * The procedure `path.probe`, which measures the way between the two ends:
 *
 * | Body | Result |
 * |---|---|
 * | `00` u64 n: download | n bytes that mean nothing |
 * | `01` byte-vec: upload | nothing |
 * | `02`: look | vec of u64: the holder's figures of the session |
 * | `03`: address | string: where the holder sees its peer |
 *
 * The figures are, in this order: smoothed round trip, smallest one and their
 * mean deviation in µs; packets sent, lost, lost but late, received, missing;
 * bytes sent, sent again, received; largest datagram; congestion control (1
 * CUBIC, 2 BBR); ms for which the holder sent nothing since there was nothing,
 * for lack of credit, since the path would not take more, to keep to a rate that
 * was set, since the peer's socket holds no more. More may follow.
 *
 * The procedure `node.rates`, which looks at the limits on what the node sends and
 * changes them:
 *
 * | Body | Result |
 * |---|---|
 * | option of u64 in all, option of u64 to each peer: what changes | u64 in all, u64 to each peer |
 *
 * Rates are in bytes per second, 0 is no limit.
 *
 * The procedure `node.downloads`, which tells what is fetched from the node, takes
 * nothing and results in a vec of rows: option of string name, u64 peer, string
 * address, u64 bytes that have left, option of u64 bytes in all, u64 ms since the
 * first request.
 *
 * The procedure `content.changes`, which tells why chunks are not held any more:
 *
 * | Body | Result |
 * |---|---|
 * | BLAKE3 of an encoded reference, vec of hashes | vec of states, option of byte-vec: the reference of the same path as it is now |
 *
 * A state is a byte: 0 nothing is known, 1 held, 2 the file has changed, 3 it is
 * gone.
 *
 * The procedures of what is shared, both called with the hash that its ticket
 * has: `content.name` results in a string, the name that it is shared under,
 * `content.fetched`, by which a peer says that all of it has arrived, in a byte:
 * 1 when the holder counts it, else 0.
 */

/** Tags of requests. */
export const RequestTag = {
  get: 0,
  get_range: 1,
  get_many: 2,
  have: 3,
  rpc: 4,
} as const;

/** Tags of response headers. */
export const ResponseTag = { found: 0, not_found: 1, failed: 2 } as const;

/** Tags of queries of transfers. */
export const TransferQueryTag = { list: 0, status: 1, cancel: 2 } as const;

/** Tags of probes of a path. */
export const ProbeTag = {
  download: 0,
  upload: 1,
  look: 2,
  address: 3,
} as const;

/** Tags of the directions of a transfer. */
export const DirectionTag = { fetching: 0, serving: 1 } as const;
