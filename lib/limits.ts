/**
 * Every bound on a length, count or time that a peer, a file or a user gives us,
 * with the reason beside it. Nothing from outside is trusted past these.
 */

// --- content (spec/content.md §8: fixed by the formats) ---------------------

/** Size of every chunk but the last of a blob, in bytes. */
export const CHUNK_SIZE = 4_194_304;
/**
 * Longest chunk a receiver accepts, in bytes: Tree leaves may be larger than
 * {@linkcode CHUNK_SIZE}.
 */
export const CHUNK_MAX = 16_777_216;
/** Largest size a Small or a Manifest reference may declare, in bytes. */
export const BLOB_SIZE_MAX = 17_179_869_184n;
/** Most chunk entries in a Manifest reference. */
export const MANIFEST_CHUNKS_MAX = 8192;
/** Longest body of an encoded Manifest reference, in bytes. */
export const MANIFEST_BODY_MAX = 417_824;
/** Longest body of an encoded Tree reference, in bytes. */
export const TREE_BODY_MAX = 1024;
/** Largest size a Tree reference may declare, in bytes (2^57). */
export const TREE_SIZE_MAX = 144_115_188_075_855_872n;
/** Longest reference as hex text, in characters: the longest Manifest takes 835 658. */
export const REF_TEXT_MAX = 1_048_576;
/**
 * Longest encoded reference that is fetched, and longest Small, in bytes: half of
 * {@linkcode REF_TEXT_MAX}, the same bound.
 */
export const REF_ENCODED_MAX = 524_288;
/** Deepest Tree. */
export const TREE_DEPTH_MAX = 4;
/** Most children of a Tree node, and most chunks of a Tree leaf. */
export const TREE_FANOUT = 128;
/**
 * Fewest bytes that chunks of a Tree have on average, beyond those of one leaf: a
 * sixteenth of the least that writers cut content into, 1 MiB. Else four nodes
 * would make 128^4 requests of one byte.
 */
export const TREE_CHUNK_LEAST = 65_536;
/** Longest encoded Tree node, in bytes. */
export const TREE_NODE_MAX = 65_536;

// --- directory manifests (ours: the format has none) ------------------------

/** Longest manifest we load, in bytes: about 4 million entries, decoded at once. */
export const DIR_MANIFEST_MAX = 512 * 1024 * 1024;
/** Most entries of a manifest we install: each costs up to 1 KB of memory. */
export const DIR_ENTRIES_MAX = 4_000_000;
/**
 * Most directories that entries need but no entry lists: writers of manifests
 * list them all, and each may take a whole path to check.
 */
export const DIR_IMPLIED_MAX = 100_000;
/**
 * Longest path of a manifest entry, in UTF-8 bytes (Linux PATH_MAX). It bounds
 * the depth, too: 2048 names.
 */
export const DIR_PATH_MAX = 4096;
/**
 * Longest name of one path component, in UTF-8 bytes (NAME_MAX of every common
 * file system).
 */
export const DIR_NAME_MAX = 255;

// --- object stores and mirrors ----------------------------------------------

/**
 * Requests to one mirror or object store at once. HTTP/1.1 takes a connection
 * for each; servers commonly allow a hundred or more of an address.
 */
export const OBJECT_REQUESTS_MAX = 32;
/** Redirects that one request follows. */
export const OBJECT_REDIRECTS_MAX = 5;
/** Longest URL that a redirect is followed to, in characters. */
export const OBJECT_URL_MAX = 8192;
/** How often one request is made at most while nothing comes of it. */
export const OBJECT_TRIES_MAX = 5;
/**
 * How often it is made at most however much comes each time: every one that
 * counts as progress brings {@linkcode OBJECT_PROGRESS_BYTES}.
 */
export const OBJECT_TRIES_TOTAL = 64;
/**
 * Bytes that count as progress, of an answer and of the time-out for silence: a
 * server cannot keep a request for ever with a byte now and then.
 */
export const OBJECT_PROGRESS_BYTES = 16 * 1024;
/** First pause before a request is made again, in milliseconds; doubled by each. */
export const OBJECT_RETRY_MS = 200;
/** Longest such pause, in milliseconds. */
export const OBJECT_RETRY_MAX_MS = 5000;
/** Longest pause that a server may ask for (Retry-After), in milliseconds. */
export const OBJECT_RETRY_AFTER_MAX_MS = 30_000;
/** Longest time without progress of one request, in milliseconds. */
export const OBJECT_TIMEOUT_MS = 30_000;
/** Longest head of an answer, in bytes: several times what servers send. */
export const HTTP_HEAD_MAX = 32 * 1024;
/** Most parts of one answer: servers cut them after some kilobytes. */
export const HTTP_PARTS_MAX = 65_536;
/**
 * How long connecting to a server may take before the runtime does it, which
 * tries several addresses side by side, in milliseconds.
 */
export const DIRECT_CONNECT_MS = 1000;
/** How long it is the runtime's matter then, in milliseconds. */
export const DIRECT_RETRY_MS = 10_000;
/** Most that is read of an answer that is no object, in bytes: an error's text. */
export const OBJECT_ERROR_MAX = 64 * 1024;
/** Most bytes of a page of a listing: 1000 names of 1 KiB and what is around them. */
export const OBJECT_LISTING_PAGE_MAX = 4 * 1024 * 1024;
/**
 * Most names of an object store that are remembered from a listing: about 64
 * MiB. Of more than these each is asked about.
 */
export const OBJECT_LISTING_MAX = 524_288;
/** Chunks in memory that are being uploaded, in bytes. */
export const OBJECT_UPLOAD_BYTES = 64 * 1024 * 1024;
/**
 * Uploads at once: fewer than {@linkcode OBJECT_REQUESTS_MAX}, as each has a
 * whole chunk under way.
 */
export const OBJECT_UPLOADS_MAX = 16;
/**
 * Bytes a second that all uploads together are taken to have at least, on a slow
 * line: what takes longer is given up.
 */
export const OBJECT_UPLOAD_BYTES_PER_SECOND = 64 * 1024;
/**
 * Chunks in memory that were read ahead of who asked for them, in bytes, where
 * no directory keeps them.
 */
export const OBJECT_KEPT_BYTES = 32 * 1024 * 1024;
/**
 * How long an upstream that could not be reached is not asked again, in
 * milliseconds.
 */
export const OBJECT_DOWN_MS = 2000;
/** Longest file of credentials or of their configuration, in bytes. */
export const AWS_FILE_MAX = 1024 * 1024;
/** How long a program may take to print credentials, in milliseconds. */
export const AWS_PROCESS_MS = 60_000;
/** Most that is read of what it prints, in characters. */
export const AWS_PROCESS_OUTPUT_MAX = 64 * 1024;
/** How long whoever runs a container may take to give some, in milliseconds. */
export const AWS_CONTAINER_MS = 5000;
/** How long before their end credentials are renewed, in milliseconds. */
export const AWS_RENEW_MS = 300_000;
/** How often that is tried at most, in milliseconds. */
export const AWS_ASK_MS = 30_000;

// --- stores -----------------------------------------------------------------

/** Most threads that hash at once: each has up to 8 MiB under way. */
export const JOBS_MAX = 64;
/**
 * Most index records of one chunk that are looked at: an honest log has one,
 * and one more for each repair.
 */
export const STORE_RECORDS_MAX = 256;
/**
 * A staging directory untouched for this many milliseconds was left by a killed
 * process.
 */
export const STORE_STAGING_STALE_MS = 600_000;

/**
 * Longest file of remembered hashes, in bytes: 700 000 small files, or 5 TiB in
 * large ones. Files that were of no use for longest are forgotten first.
 */
export const HASH_CACHE_MAX = 64 * 1024 * 1024;

// --- wire -------------------------------------------------------------------

/** Smallest datagram every path must carry, in bytes (RFC 9000 §14). */
export const DATAGRAM_MIN = 1200;
/** Largest UDP payload (IPv4 65 535 − 20 − 8), in bytes. */
export const DATAGRAM_MAX = 65_507;
/**
 * What a server may send to an unvalidated address, as a multiple of what it
 * received (RFC 9000 §8.1).
 */
export const AMPLIFICATION_FACTOR = 3;
/** Half-open connections a listener keeps: about 4 MB, more than any honest burst. */
export const HALF_OPEN_MAX = 1024;
/**
 * A half-open connection is dropped after this many milliseconds without proof
 * of life.
 */
export const HALF_OPEN_MS = 10_000;
/**
 * Handshakes that one address has tried and not finished before it has to wait:
 * as many as a busy translator of addresses begins in one round trip.
 */
export const HANDSHAKE_DEBT_MAX = 64;
/**
 * Unfinished handshakes from which on an address is served after all that have
 * fewer.
 */
export const HANDSHAKE_DEBT_GOOD = 8;
/** Unfinished handshakes that are forgiven an address in one second. */
export const HANDSHAKE_DEBT_FORGIVEN = 4;
/**
 * Handshakes of one address, finished or not, from which on it is served after
 * those that have had none lately, on a busy node: one connection is enough for
 * a fetch to begin.
 */
export const HANDSHAKES_USED_GOOD = 1;
/** How many of them are forgotten in one second. */
export const HANDSHAKES_USED_FORGIVEN = 0.25;
/**
 * Handshakes of one key at once on a busy node, whatever addresses they come
 * from: those of 40 fetches of three connections each.
 */
export const KEY_HANDSHAKES_MAX = 128;
/** As many more of a key in one second. */
export const KEY_HANDSHAKES_PER_SECOND = 32;
/**
 * How often one Initial is answered with the same Response: an honest one comes
 * nine times, when nothing comes back.
 */
export const RESPONSE_REPEATS_MAX = 16;
/** Addresses whose unfinished handshakes are remembered, 100 bytes each. */
export const HANDSHAKE_SOURCES_MAX = 4096;
/** Cookies sent to one address in one second: each is a MAC, a seal and a packet. */
export const COOKIES_PER_SOURCE = 32;
/**
 * Addresses that are sent a cookie in one second, and further cookies for those:
 * an eighth of a processor. An address that has none comes first.
 */
export const COOKIES_MAX = 4000;
/** See {@linkcode COOKIES_MAX}. */
export const COOKIES_AGAIN_MAX = 1000;
/**
 * Forged Initials looked at in one second, each with one key, by what mac1 costs:
 * a fiftieth of a processor. One in four of those above, until there were four
 * times as many; then one in four for each key. All from addresses that have
 * attached before.
 */
export const FORGED_INITIALS_MAX = 10_000;
/**
 * Of those above, Initials in one second from addresses that were passed over
 * before and have sent no forged one in it: with all keys a fiftieth of a
 * processor again.
 */
export const SECOND_LOOKS_MAX = 256;
/** A longer one counts as several, this many bytes under its MAC each. */
export const FORGED_INITIAL_BYTES = 256;
/**
 * Packets of unknown connections that are looked at in one second, whether their
 * id was issued here.
 */
export const UNKNOWN_IDS_MAX = 1000;
/**
 * PATH_CHALLENGE frames of one connection that are answered in one second, and
 * addresses that are looked at whether its peer has moved there: each costs a
 * packet that no congestion control holds back, and a path changes far less
 * often.
 */
export const PATH_EVENTS_MAX = 16;
/** Addresses that a node names for a direct path, and that are probed of a peer. */
export const DIRECT_ADDRESSES_MAX = 8;
/**
 * Addresses that are probed in one round: those that the peer has named, and as
 * many that its probes came from, which a NAT on the way has made.
 */
export const DIRECT_PROBED_MAX = 16;
/**
 * Milliseconds between two rounds that a peer may ask for: it may name anybody's
 * addresses, and each of them gets twelve packets of 40 bytes in a round.
 */
export const DIRECT_ROUND_MIN_MS = 2000;
/**
 * Probes of all sessions of this process in one second, 40 bytes each, to
 * addresses that have not answered: whoever has many sessions can have no more
 * than this sent to anybody.
 */
export const DIRECT_PROBES_PER_SECOND = 1000;
/**
 * PATH_CHALLENGE frames of one connection that are answered in one second while
 * a direct path is looked for.
 */
export const DIRECT_ANSWERS_MAX = 64;
/** Lowest port of a direct path: what listens below is no node. */
export const DIRECT_PORT_MIN = 1024;
/**
 * Pause after a round that found no direct path, in milliseconds; doubled by each.
 */
export const DIRECT_ROUND_RETRY_MS = 5000;
/** Longest such pause, in milliseconds. */
export const DIRECT_ROUND_RETRY_MAX_MS = 300_000;
/**
 * Packet numbers between the oldest packet without a fate and the newest one, 8
 * bytes of memory each: twice what is in flight on the fastest path of
 * {@linkcode CONNECTION_WINDOW_MAX}, so that only a peer that acknowledges
 * nothing, and goes on sending, gets there.
 */
export const SENT_SPAN_MAX = 131_072;
/**
 * Changes of its key that a peer may make at any time: packets that wait while
 * a machine sleeps come all at once. Each makes a key and two ciphers.
 */
export const KEY_CHANGES_MAX = 8;
/**
 * It earns another one with this part of the packets, or of the time, after
 * which we change ours.
 */
export const REKEY_EARLIEST = 1 / 16;
/**
 * Packets that bring nothing, more than those that do and those that it has to
 * answer, of a peer that attached: four times what its window holds.
 */
export const EMPTY_PACKETS_MAX = 8192;
/** Such packets that are forgiven in one second. */
export const EMPTY_PACKETS_PER_SECOND = 200;
/** Connections a listener keeps by default. */
export const CONNECTIONS_MAX = 1024;
/**
 * Sessions of one key that a listener keeps: 40 fetches at once by one user, each
 * of three connections.
 */
export const SESSIONS_PER_KEY = 128;
/** An attach gives up after this many milliseconds. */
export const ATTACH_BUDGET_MS = 15_000;
/**
 * A connection without a packet from the peer is dead after this many
 * milliseconds: it outlives a minute without a network. Requests have a shorter
 * limit of their own.
 */
export const IDLE_TIMEOUT_MS = 90_000;
/** Longest idle time-out accepted from a peer, in milliseconds. */
export const IDLE_TIMEOUT_MAX_MS = 600_000;
/** Streams a peer may have open at once on one connection. */
export const STREAMS_MAX = 256;
/** ACK ranges kept and sent: older gaps are repaired by retransmission anyway. */
export const ACK_RANGES_MAX = 64;
/** Most packets a peer may ask us to acknowledge together: a few milliseconds' worth. */
export const ACK_PACKETS_MAX = 64;
/**
 * First window of one stream of a node that we attached to, in bytes: two chunks,
 * so that a reader's pause does not stop the sender.
 */
export const STREAM_WINDOW = 8 * 1024 * 1024;
/** First window of a connection to such a node, in bytes: what it may make us hold. */
export const CONNECTION_WINDOW = 24 * 1024 * 1024;
/** Window of a connection of a peer that attached to us, in bytes. */
export const REQUESTS_WINDOW = 2 * 1024 * 1024;
/**
 * Largest window of one stream, in bytes: 2.7 Gbit/s at 100 ms. More than the
 * first window is given only to who fills it within four round trips.
 */
export const STREAM_WINDOW_MAX = 32 * 1024 * 1024;
/** Largest window of a connection, in bytes: as much as its peer keeps to send again. */
export const CONNECTION_WINDOW_MAX = 64 * 1024 * 1024;
/**
 * Bytes that the windows of all connections of a process grow by: three of the
 * largest.
 */
export const WINDOW_GROWTH_MAX = 128 * 1024 * 1024;
/**
 * Out-of-order ranges one stream may keep before the connection is closed: a
 * window of {@linkcode STREAM_WINDOW_MAX} in packets, and the first of them
 * lost.
 */
export const STREAM_SEGMENTS_MAX = 32_768;
/**
 * Bytes of stream data one connection keeps until acknowledged; writers wait at
 * more, as no honest peer has so much under way.
 */
export const SEND_RETAINED_MAX = 64 * 1024 * 1024;
/**
 * Out-of-order ranges of one stream that may be shorter than 512 bytes on
 * average: an array each, they cost more memory than credit.
 */
export const STREAM_SMALL_SEGMENTS_MAX = 512;
/**
 * What a piece of data that came before what is in front of it counts besides
 * its bytes, in bytes: an array, its buffer and an entry take some 300.
 */
export const PIECE_COST = 512;
/**
 * What pieces of one connection may cost beyond the credit that their data has
 * used, in bytes: 512 pieces, as frames at the end of a packet are short.
 */
export const PIECES_FREE_BYTES = 256 * 1024;
/**
 * Bytes that all peers of listeners in this process may have sent without that
 * they are read, overhead included: 128 KiB for each of a thousand sessions,
 * while an honest one has a few KiB. Who has most of it loses its session.
 */
export const UNREAD_MAX = 128 * 1024 * 1024;
/**
 * Longest round trip that is believed, in milliseconds: an acknowledgement that
 * comes later is that of a peer which slept, not of a path.
 */
export const RTT_SAMPLE_MAX_MS = 10_000;
/**
 * A timer that fires so much later than it was due, in milliseconds, tells that
 * this process did not run: it was stopped, or its machine slept.
 */
export const OVERSLEPT_MS = 1000;
/**
 * Largest value an ack_delay or max_ack_delay may have, in milliseconds (RFC
 * 9000 §18.2: 2^14).
 */
export const ACK_DELAY_MAX_MS = 16_384;
/** Packets sealed with one key before a rekey (2^20). */
export const REKEY_PACKETS = 1_048_576;
/** Milliseconds one key is used before a rekey. */
export const REKEY_MS = 120_000;
/**
 * Failed decryptions after which a connection closes (RFC 9001 §6.6,
 * ChaCha20-Poly1305: 2^36).
 */
export const AEAD_FAILURES_MAX = 2 ** 36;
/** Longest reason text in a CLOSE frame, in UTF-8 bytes. */
export const CLOSE_REASON_MAX = 256;
/**
 * Packets sealed with one key at the very most, when the peer acknowledges
 * nothing (RFC 9001 §6.6, AES-GCM: 2^23).
 */
export const KEY_PACKETS_MAX = 8_388_608;
/**
 * Smallest datagram a connection inside RELAY frames starts with: fits an outer
 * {@linkcode DATAGRAM_MIN}.
 */
export const RELAYED_DATAGRAM_MIN = 1100;
/**
 * Largest datagram of a connection inside RELAY frames: fits an outer one of
 * 1452 bytes (Ethernet, IPv6), so that a relay may refuse larger ones.
 */
export const RELAYED_DATAGRAM_MAX = 1410;
/** RELAY packets that wait for one connection: 0.3 s at 10 Mbit/s, 360 KB of memory. */
export const RELAY_QUEUE_MAX = 256;
/**
 * Bytes a relay forwards for one attached node in one second: leaves it room
 * for others and for its own streams.
 */
export const RELAY_RATE = 32 * 1024 * 1024;
/**
 * Bytes a relay forwards for one attached node at once, above
 * {@linkcode RELAY_RATE}: a window of 50 ms.
 */
export const RELAY_BURST = 2 * 1024 * 1024;
/**
 * What a relayed packet counts at least against {@linkcode RELAY_RATE}, in
 * bytes: small ones cost the processor as much as large ones.
 */
export const RELAY_PACKET_COST_MIN = 256;
/**
 * First pause after an attempt to attach again that failed, in milliseconds;
 * doubled by each.
 */
export const KEEP_RETRY_MS = 100;
/**
 * Longest such pause, in milliseconds: a node that is back is found soon, and
 * one packet in this time hurts nobody.
 */
export const KEEP_RETRY_MAX_MS = 2000;
/**
 * A node that has been gone for this many milliseconds may be looked for less
 * often.
 */
export const KEEP_PATIENT_MS = 60_000;
/**
 * A node that has fallen silent is looked for this long, in milliseconds, unless
 * the caller has said how long: its machine may sleep, and five minutes are a lid
 * that was closed on the way to another room.
 */
export const KEEP_ASLEEP_MS = 300_000;
/**
 * Shortest time for one attempt to attach again, in milliseconds: a name or
 * another address may lead to the node by then.
 */
export const KEEP_ATTEMPT_MS = 3000;
/**
 * A node that leaves packets unanswered for this many milliseconds is looked for
 * elsewhere: long enough for two probes, so that it is not one lost packet.
 */
export const KEEP_SILENT_MS = 1500;
/** How often it is looked whether a node answers, in milliseconds. */
export const KEEP_LOOK_MS = 250;
/**
 * Milliseconds between two attempts to attach to a relay, first and at most;
 * doubled each time.
 */
export const REATTACH_MS = 500;
/** See {@linkcode REATTACH_MS}. */
export const REATTACH_MAX_MS = 30_000;
/**
 * Packet numbers remembered against replays: a 64 KB-packet path of 250 MB in
 * flight.
 */
export const REPLAY_WINDOW = 4096;
/**
 * Protocol versions read from one version list: far more than will ever live at
 * once.
 */
export const VERSIONS_MAX = 16;
/**
 * Most streams a peer may allow over the life of a connection: stream ids stay
 * exact as numbers.
 */
export const STREAM_COUNT_MAX = 1_125_899_906_842_624;
/**
 * Largest receive buffer a peer may claim, in bytes: more is never in flight
 * unread.
 */
export const RECEIVE_BUFFER_MAX = 1_073_741_824;
/** A cookie secret is used this long, in milliseconds (WireGuard §5.4.7). */
export const COOKIE_SECRET_MS = 120_000;

/**
 * Hosts remembered to be behind a link that carries less than the interface: as
 * many as there are sessions.
 */
export const CONFINED_HOSTS_MAX = 1024;

// --- identity ---------------------------------------------------------------

/** Longest identity file read, in bytes: five short lines and a note. */
export const IDENTITY_FILE_MAX = 65_536;
/**
 * Pre-shared keys of one node: each costs one BLAKE2s more for a packet that was
 * made with none of them, so that a flood leaves less for new peers.
 */
export const KEYRING_MAX = 32;
/**
 * Of them, those of the keyring file: the permanent key and those of codes have
 * room beside them.
 */
export const KEYRING_NAMED_MAX = 24;
/** Longest keyring file, in bytes: 24 entries of 200, and notes. */
export const KEYRING_FILE_MAX = 65_536;
/** How often a node looks whether its keyring file is another, in milliseconds. */
export const KEYRING_LOOK_MS = 1000;
/** Longest wait for another process that changes a keyring file, in milliseconds. */
export const KEYRING_LOCK_MS = 5000;
/** Longest name of a pre-shared key, in characters. */
export const PSK_NAME_MAX = 64;
/**
 * Sessions at once with peers that attached with a key that is no secret: an
 * exchange of three messages each, so that the room of others is not theirs.
 */
export const SCOPED_SESSIONS_MAX = 32;
/** Of them, those of one key. */
export const SCOPED_SESSIONS_PER_KEY = 4;
/** Most addresses in a ticket: each may be dialled. */
export const TICKET_ADDRESSES_MAX = 16;
/**
 * Longest ticket, in characters: 16 long host names, both keys and a long
 * published name take 7300.
 */
export const TICKET_TEXT_MAX = 8192;

// --- transfer ---------------------------------------------------------------

/** Most hashes in one GetMany or Have request. */
export const GET_MANY_MAX = 1024;
/** Most bytes of known size asked for by one GetMany, in bytes. */
export const GET_MANY_BYTES_MAX = 8 * 1024 * 1024;
/** Longest request on a stream, in bytes: a full GetMany and its framing. */
export const REQUEST_MAX = 64 * 1024;
/**
 * Bytes of requests that are read or answered, for all sessions of a holder: 16
 * of the longest for 32 fetchers, or of usual length for a thousand.
 */
export const REQUEST_MEMORY = 32 * 1024 * 1024;
/** A request without progress fails after this many milliseconds. */
export const REQUEST_TIMEOUT_MS = 30_000;
/** Bytes in flight by default for a directory, as in the reference. */
export const INFLIGHT_BYTES = 8 * 1024 * 1024;
/** Files in flight by default for a directory, as in the reference. */
export const FETCH_CONCURRENCY = 16;
/** Most files in flight that a caller may ask for. */
export const FETCH_CONCURRENCY_MAX = 1024;
/** Bytes in flight by default for one blob: covers 2.5 Gbit/s at 100 ms. */
export const BLOB_INFLIGHT_BYTES = 32 * 1024 * 1024;
/** Sources of one fetch: each may be a session, and has work of its own. */
export const SOURCES_MAX = 64;
/** Connections that a fetch may spread over, to each node: one for each processor. */
export const FETCH_CONNECTIONS_MAX = 16;
/** Bytes in flight at most by default, however many sources there are. */
export const SOURCES_INFLIGHT_BYTES = 128 * 1024 * 1024;
/**
 * Work that a source is given ahead, in milliseconds of what it brings: more than
 * a round trip of any path.
 */
export const SOURCE_AHEAD_MS = 1000;
/** Bytes that any source is given ahead: a slow one is asked again a little early. */
export const SOURCE_WINDOW_MIN = 256 * 1024;
/**
 * A source that is asked and brings nothing for this many milliseconds has
 * stalled, and others are asked, too: long enough for a lost packet to be sent
 * again, short beside {@linkcode REQUEST_TIMEOUT_MS}.
 */
export const SOURCE_STALL_MS = 2000;
/** Longest pause between two attempts with a source that has stalled, in milliseconds. */
export const SOURCE_PROBE_MAX_MS = 30_000;
/**
 * A source that has had nothing to do for this many milliseconds is asked for
 * what others are slow to bring: a chunk that is written makes room for the next
 * one sooner than that.
 */
export const SOURCE_AGAIN_MS = 250;
/** Requests in a row that a source may fail with an error of its own. */
export const SOURCE_FAULTS_MAX = 4;
/** Chunks of one batch that are read at once from what has no batches. */
export const READER_REQUESTS_MAX = 8;
/** Requests a holder works on at once per session; further ones wait unread. */
export const SERVE_REQUESTS_MAX = 64;
/**
 * Bytes of chunks a holder keeps in memory per session, whatever its clients do:
 * one is read while another is sent.
 */
export const SERVE_BYTES = 8 * 1024 * 1024;
/**
 * Longest chunk whose response may use a holder's reserves and goes ahead of bulk
 * data, in bytes: 5 ms of a line of 100 Mbit/s.
 */
export const SERVE_SMALL_BYTES = 64 * 1024;
/** What a session may use besides for small responses, in bytes: four of them. */
export const SERVE_RESERVE_BYTES = 256 * 1024;
/**
 * Bytes of chunks a holder keeps in memory for all sessions together: 15 chunks,
 * which keep the disk and a fast line busy, four of them for newcomers, and 4 MiB
 * kept for small responses. A thousand peers cannot make it more.
 */
export const SERVE_NODE_BYTES = 64 * 1024 * 1024;
/**
 * Those of {@linkcode SERVE_NODE_BYTES} that are for sessions which have yet to
 * acknowledge something: four chunks. Others lose theirs as soon as it is written.
 */
export const SERVE_NEWCOMER_BYTES = 16 * 1024 * 1024;
/**
 * Bytes of content that a session has to acknowledge before it uses the memory of
 * those that take what they ask for: five first windows of congestion control.
 */
export const SERVE_PROOF_BYTES = 64 * 1024;
/**
 * Requests of such a session that are worked on at once; further ones wait unread,
 * as each in work takes some 20 kB.
 */
export const SERVE_UNPROVEN_REQUESTS = 4;
/**
 * Milliseconds in which a response has to move while others wait for its memory,
 * which it gets again later: two round trips count instead if they are longer.
 */
export const SERVE_STALL_MS = 100;
/** The longest that it may stand still, in milliseconds, on the longest path. */
export const SERVE_STALL_MAX_MS = 500;
/**
 * Milliseconds for which a response has memory, however slowly it moves, while
 * others wait who have wasted less.
 */
export const SERVE_SLICE_MS = 250;
/**
 * What a response that loses its memory may still send of it, in bytes, as a
 * copy: its peer is not idle until its next turn.
 */
export const SERVE_KEPT_BYTES = 64 * 1024;
/** Such copies of all sessions, in bytes; further ones are a quarter as long. */
export const SERVE_KEPT_MAX = 32 * 1024 * 1024;
/** Responses of one session that may have lost their memory at once. */
export const SERVE_OWING_MAX = 4;
/**
 * Bytes of chunks that were sent whole and that no peer has acknowledged, for all
 * sessions: a second of 1 Gbit/s. Whoever would take longest for the rest loses
 * its response.
 */
export const SERVE_SENT_BYTES = 128 * 1024 * 1024;
/**
 * Lookups of chunks that a key may have done in a second while others have
 * sessions: a fifth of a processor.
 */
export const ASKING_PER_SECOND = 65_536;
/** How many lookups a request costs, whatever it asks for. */
export const REQUEST_LOOKUPS = 64;
/**
 * How many a chunk of GetMany costs: so a client of small files gets 4096 of them
 * in a second while others have sessions, for which a holder was measured to need
 * a tenth of a processor.
 */
export const SMALL_CHUNK_LOOKUPS = 16;
/** Bytes of content that make up for one lookup. */
export const CONTENT_PER_LOOKUP = 4096;
/** Longest body of an Rpc answer, in bytes: some thousand rows of a list. */
export const RPC_ANSWER_MAX = 4 * 1024 * 1024;
/**
 * A node that is asked for its transfers has them at hand: a response later
 * than this many milliseconds counts as missing, unless the caller says
 * otherwise.
 */
export const TRANSFER_QUERY_MS = 3000;
/**
 * Rows of one list of transfers: at most 80 bytes each, so a list fits
 * {@linkcode RPC_ANSWER_MAX}.
 */
export const TRANSFER_ROWS_MAX = 16_384;
/**
 * Rows of one list of downloads, which people read: at most 450 bytes each, so a
 * list fits {@linkcode RPC_ANSWER_MAX}.
 */
export const DOWNLOAD_ROWS_MAX = 1024;
/**
 * Most bytes that one probe of a path asks for: half a second of 1 Gbit/s, and
 * several may run side by side.
 */
export const PROBE_BYTES_MAX = 64 * 1024 * 1024;
/**
 * Longest that a holder sends for one probe, in milliseconds: twice what anybody
 * measures for, as the first bytes take their time.
 */
export const PROBE_MS = 20_000;
/** Probes that a holder answers at once for one peer: as a fetch has requests. */
export const PROBES_SESSION_MAX = 4;
/** Probes that a holder answers at once, for all peers. */
export const PROBES_MAX = 16;
/** Bytes of one upload of a probe: with its name it fits {@linkcode REQUEST_MAX}. */
export const PROBE_UPLOAD_MAX = 60 * 1024;
/** Bytes of chunks a cache fetches from its upstream at once. */
export const UPSTREAM_BYTES = 32 * 1024 * 1024;
/**
 * Most chunks that a cache asks its upstream for with one request: those of one
 * batch of a fetcher.
 */
export const UPSTREAM_BATCH_MAX = 256;
/**
 * Requests that a cache has with its upstream at once for one session, half of
 * what {@linkcode UPSTREAM_BYTES} allows: nobody keeps the others waiting.
 */
export const UPSTREAM_SESSION_REQUESTS = 4;
/**
 * What a chunk takes on the disk of a store beside its content, in bytes: four
 * files and two directories, in blocks of 4 KiB. So that a bound on a cache is
 * one on the disk, also when all its chunks have one byte.
 */
export const CACHE_CHUNK_OVERHEAD = 24 * 1024;
/** Chunks of a bounded cache at most: each takes about 200 bytes of memory. */
export const CACHE_CHUNKS_MAX = 524_288;
/** Smallest bound of a cache: what its sessions have on the way has room. */
export const CACHE_MAX_MIN = 256 * 1024 * 1024;
/**
 * How often a cache notes on the disk that a chunk is used, in milliseconds: to
 * know which one was used longest ago, minutes are fine enough.
 */
export const CACHE_TOUCH_MS = 60_000;
/**
 * Lookups that a cache has with its upstream at once, for all sessions: one
 * costs the node above up to 1024 looks at its disk.
 */
export const UPSTREAM_LOOKUPS_MAX = 16;
/**
 * For how many milliseconds a cache remembers that its upstream lacks a chunk
 * that was only asked about: who looks twice asks once, and what is published
 * meanwhile is soon seen.
 */
export const UPSTREAM_ABSENT_MS = 1000;
/** Chunks of which that is remembered: those of 16 full lookups. */
export const UPSTREAM_ABSENT_MAX = 16_384;
/**
 * A miss waits at most this many milliseconds for the upstream to be attached,
 * and then to send: less than the clients' own {@linkcode REQUEST_TIMEOUT_MS}.
 */
export const UPSTREAM_WAIT_MS = 20_000;
/**
 * First pause before the upstream of a cache is attached to again, in
 * milliseconds; doubled by each failure.
 */
export const UPSTREAM_RETRY_MS = 250;
/**
 * Longest such pause, in milliseconds, for which misses fail at once: a node
 * above that is back is soon found.
 */
export const UPSTREAM_RETRY_MAX_MS = 15_000;

// --- landing ----------------------------------------------------------------

/**
 * A file that stands for a lock, untouched for this many milliseconds, may have
 * been left by a process that is gone: twenty times as long as its owner waits.
 */
export const LOCK_STALE_MS = 600_000;
/** How often the owner of such a file touches it, in milliseconds. */
export const LOCK_TOUCH_MS = 30_000;
/**
 * How long one that may have been left is watched before it is taken, in
 * milliseconds: twice as long as its owner waits.
 */
export const LOCK_WATCH_MS = 60_000;

/** Between two looks of who waits for a target at whether it is free, in ms. */
export const LOCK_LOOK_MS = 500;

/**
 * A tree that a fetch was stopped at, and that later ones to the same target did
 * not want, is removed after this many milliseconds: a week, so that a weekend
 * does not end a fetch.
 */
export const UNFINISHED_KEPT_MS = 7 * 24 * 3_600_000;

/**
 * Longest journal of an exchange of entries, in bytes: half a million names. It
 * is read whole, and a peer may have sent what looks like one.
 */
export const JOURNAL_MAX = 64 * 1024 * 1024;

/**
 * Files that are written in parts and kept open at once: far below the usual
 * limit of 1024 descriptors.
 */
export const LANDING_OPEN_FILES_MAX = 128;

/**
 * Most entries of an old tree that are counted to say what would be lost: more
 * than that is more than enough to know.
 */
export const LOSS_ENTRIES_MAX = 200_000;
/** Milliseconds for which they are counted, where a file system is slow. */
export const LOSS_COUNT_MS = 2000;

// --- meetings -----------------------------------------------------------------

/** Largest number of a code, which is its public part: three digits at most. */
export const CODE_NUMBER_MAX = 999;
/** Longest text that is read as a code, in characters: more than any takes. */
export const CODE_TEXT_MAX = 100;
/** Wrong tries after which a code is over: of 2^28, so many guesses. */
export const CODE_TRIES_MAX = 3;
/**
 * Milliseconds in which an exchange must be over on the sharing end: three round
 * trips of a bad path. What hangs longer counts as a wrong try.
 */
export const CODE_EXCHANGE_MS = 15_000;
/**
 * Shares with the same number that one run tries: each of them may be somebody
 * who guesses, and learns whether that one guess was right.
 */
export const CODE_CANDIDATES_MAX = 3;

/** Numbers that one key has at a meeting point: a share has one. */
export const MEETING_TAGS_PER_KEY = 4;
/** Numbers at a meeting point in all: four times as many as there are. */
export const MEETING_TAGS_MAX = 4096;
/** Longest packet of multicast DNS that is read, in bytes (RFC 6762 §17). */
export const MDNS_PACKET_MAX = 9000;
/** Most questions and records of one that is looked at: ours have ten. */
export const MDNS_RECORDS_MAX = 64;
/** Interfaces that multicast DNS is spoken on; containers make hundreds. */
export const MDNS_INTERFACES_MAX = 16;
/** Answers of one announcement in a second: who asks more often has them. */
export const MDNS_ANSWERS_PER_SECOND = 20;
/** Nodes on the local network that are listed: more are noise, or made up. */
export const MDNS_FOUND_MAX = 256;
/**
 * Announcements of shares whose numbers are found out before one is taken: each
 * costs a hash for each number there is.
 */
export const TAKEN_TAGS_MAX = 64;
/** Longest name that a node is announced by, in bytes: a label of DNS. */
export const ANNOUNCED_NAME_MAX = 63;

// --- command line -----------------------------------------------------------

/** Most targets that are remembered as fetched by us: those of years. */
export const FORMER_TARGETS_MAX = 1000;
/** Longest file about one of them, in bytes: a path and some numbers. */
export const FORMER_TARGET_FILE_MAX = 32 * 1024;
/** Longest manifest that is kept of a fetch, in bytes: of some 100,000 files. */
export const KEPT_MANIFEST_MAX = 16 * 1024 * 1024;
/** Bytes of kept manifests; the oldest go. */
export const KEPT_MANIFESTS_BYTES = 128 * 1024 * 1024;
/** Kept manifests, so that those of small trees stay a list that is short. */
export const KEPT_MANIFESTS_MAX = 1000;

/** Longest configuration file that is read, in bytes: a thousand profiles. */
export const CONFIG_FILE_MAX = 1024 * 1024;
/**
 * Longest file of patterns that is read, in bytes: far more lines than anybody
 * writes.
 */
export const PATTERN_FILE_MAX = 1024 * 1024;
/**
 * Longest PSK file that is read, in bytes: 64 hex digits and white space around
 * them.
 */
export const PSK_FILE_MAX = 4096;
/** Milliseconds that running requests get to finish when a holder is stopped. */
export const DRAIN_MS = 5000;
