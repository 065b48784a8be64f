import { TimeoutError, UsageError } from "../errors.ts";
import {
  ATTACH_BUDGET_MS,
  KEEP_ASLEEP_MS,
  KEEP_ATTEMPT_MS,
} from "../limits.ts";
import type { CongestionAlgorithm } from "../wire/mod.ts";
import { cryptoProvider } from "./aead_backend.ts";
import { DenoSocket } from "./deno_socket.ts";
import { type DirectMode, socketBehind } from "./direct_socket.ts";
import { Endpoint } from "./endpoint.ts";
import type { DatagramSocket } from "./datagram_socket.ts";
import { firstOf } from "./first_of.ts";
import type { ConnectOptions } from "./handshakes.ts";
import {
  isLoopback,
  parseHostPort,
  type SocketAddress,
  zoneOf,
} from "./address.ts";
import { ephemeralIdentity, eraseIdentity, type Identity } from "./identity.ts";
import type { KeepEvent } from "./keeper.ts";
import { KeptSession } from "./kept_session.ts";
import { nodeIdOf } from "./node_id.ts";
import { RelayAddress } from "./relay_socket.ts";
import { resolveHost } from "./resolve_host.ts";
import type { RelayCarrier, Session, SessionStats } from "./session.ts";
import { SessionBundle } from "./session_bundle.ts";
import { ThreadedSocket } from "./threaded_socket.ts";
import type { WireSession } from "./wire_session.ts";

/**
 * Connections over a path that stores no packets: see {@linkcode SessionBundle}
 * for why one is too few.
 */
const SHORT_PATH_CONNECTIONS = 3;
/**
 * Round trips up to which a path inside this machine is taken to be short, in
 * milliseconds: busy threads take long, a tunnel takes longer.
 */
const LOOPBACK_RTT_MS = 20;

/** Round trips up to which a path is taken to store no packets, in milliseconds. */
const SHORT_RTT_MS = 2;

/**
 * Milliseconds after which the next address of a name is tried beside the first
 * (RFC 8305 §5).
 */
const NEXT_ADDRESS_MS = 250;

/** The relay by way of which a node is attached to. */
export interface AttachRelay {
  /** `host:port`, or several of the same relay. */
  address: string | readonly string[];
  /** X25519 static key of the relay, 32 bytes. */
  publicKey: Uint8Array;
  /** Pre-shared key of the relay, 32 bytes. */
  psk: Uint8Array;
  /**
   * Keys that the relay knows this end by. It passes packets on to the newest
   * session of a key alone, so that each session by way of it needs its own.
   *
   * @default {fresh ones}
   */
  identity?: Identity;
}

/** Options of {@linkcode attach}. */
export interface AttachOptions {
  /**
   * `host:port`, or several of the same node; all of them, and all addresses of
   * a name, are tried. None only where there is a relay.
   */
  address: string | readonly string[];
  /** X25519 static key of the node, 32 bytes. */
  publicKey: Uint8Array;
  /** Pre-shared key, 32 bytes. */
  psk: Uint8Array;
  /** Node id, checked against `publicKey` when given. */
  nodeId?: bigint;
  /**
   * Tries to reach the node by way of this relay, beside its addresses; what
   * answers first is taken. @default {its addresses alone}
   */
  relay?: AttachRelay;
  /**
   * Whether a session by way of a relay may go on past it, which tells both ends
   * each other's addresses.
   *
   * @default {"auto"}
   */
  direct?: DirectMode;
  /** Keys of this end. @default {fresh ones} */
  identity?: Identity;
  /**
   * Congestion control of what this end sends, and of what the peer does unless
   * it was told another: BBR keeps its rate where packets are lost at random,
   * CUBIC is what most of the Internet uses.
   *
   * @default {what the peer asks for, else "bbr"}
   */
  congestion?: CongestionAlgorithm;
  /**
   * Content to receive at most, in bytes per second: the peer is asked to send
   * no faster, see {@linkcode Session.limitReceiving}.
   *
   * @default {no limit}
   */
  limitRate?: number;
  /**
   * Connections to spread streams over, at most; further ones are made when
   * there is work for them.
   *
   * @default {3 where a round trip takes 2 ms at most, 1 elsewhere or with
   * `limitRate`}
   */
  connections?: number;
  /** Gives up after this many milliseconds. @default {ATTACH_BUDGET_MS} */
  connectTimeoutMs?: number;
  /** Gives up when aborted. */
  signal?: AbortSignal;
}

/** Options of `Node.attach`. */
export interface KeptAttachOptions extends AttachOptions {
  /**
   * For how many milliseconds a connection that was lost is tried to be made
   * again before the session is over: when the node was restarted, moved to
   * another of its addresses, could not be reached for some time, or sleeps with
   * its machine. Streams of a lost connection fail; further ones wait for the
   * next connection. With 0 the session ends with its connection.
   *
   * @default {KEEP_ASLEEP_MS}
   */
  keepMs?: number;
  /** Told when a connection is lost or made; must not throw. */
  onKeepEvent?: (event: KeepEvent) => void;
}

/** Attaches, and again when the connection is lost. */
export async function attachKept(options: KeptAttachOptions): Promise<Session> {
  if (options.identity !== undefined) return await keep(options);
  // A node knows its peers by their keys.
  const identity = ephemeralIdentity();
  try {
    const session = await keep({ ...options, identity });
    session.closed.then(() => eraseIdentity(identity));
    return session;
  } catch (error) {
    eraseIdentity(identity);
    throw error;
  }
}

async function keep(options: KeptAttachOptions): Promise<Session> {
  const { keepMs = KEEP_ASLEEP_MS, onKeepEvent } = options;
  const first = await attach(options);
  if (keepMs === 0) return first;
  const { connectTimeoutMs = ATTACH_BUDGET_MS } = options;
  const kept: Session = new KeptSession(first, {
    keepMs,
    onEvent: onKeepEvent,
    connect: (signal) =>
      attach({
        ...options,
        signal,
        connectTimeoutMs: Math.min(connectTimeoutMs, attemptMs(kept.stats)),
      }),
  });
  return kept;
}

/**
 * How long one attempt to attach again may take, in milliseconds: a few round
 * trips as they were, since a node that moved is found by the next one.
 */
export function attemptMs({ rttMs }: Pick<SessionStats, "rttMs">): number {
  return Math.max(KEEP_ATTEMPT_MS, 10 * rttMs);
}

/** Attaches to a node; what it throws is said of `Node.attach`. */
export async function attach(options: AttachOptions): Promise<Session> {
  const { address, publicKey, nodeId, limitRate, signal } = options;
  if (nodeId !== undefined && nodeId !== nodeIdOf(publicKey)) {
    throw new UsageError(
      `node id ${nodeId} does not belong to the public key: that one's is ${
        nodeIdOf(publicKey)
      }`,
      { hint: "leave the node id out: it follows from the public key" },
    );
  }
  signal?.throwIfAborted();
  const ways = waysTo(address, options.relay);
  if (limitRate !== undefined && !(limitRate > 0)) {
    throw new UsageError(`nothing arrives at ${limitRate} bytes per second`);
  }
  const { connectTimeoutMs = ATTACH_BUDGET_MS } = options;
  const deadline = performance.now() + connectTimeoutMs;
  const leftMs = () => Math.max(1, deadline - performance.now());
  /** Tries the candidates a little apart; the first session wins. */
  const tryInTurn = <C>(
    candidates: readonly C[],
    signal: AbortSignal | undefined,
    attempt: (candidate: C, signal: AbortSignal) => Promise<Session>,
  ): Promise<Session> =>
    firstOf(candidates, {
      signal,
      // However many there are, the last one gets most of the time.
      staggerMs: Math.min(NEXT_ADDRESS_MS, leftMs() / (4 * candidates.length)),
      attempt,
      discard: (late) => late.close(),
    });
  return await tryInTurn(ways, signal, async (way, signal) => {
    if (typeof way !== "string") {
      return await attachByWayOf(way, options, leftMs, signal);
    }
    const found = await resolveHost(way, { signal, timeoutMs: leftMs() });
    return await tryInTurn(
      found,
      signal,
      (address, signal) => attachTo(address, options, leftMs(), signal),
    );
  });
}

/** What is tried, in this order: the relay soon, since it may be the only way. */
function waysTo(
  address: AttachOptions["address"],
  relay: AttachRelay | undefined,
): readonly (string | AttachRelay)[] {
  const texts = typeof address === "string" ? [address] : address;
  for (const text of texts) parseHostPort(text);
  const [first, ...others] = texts;
  const ways = [first, relay, ...others].filter((way) => way !== undefined);
  if (ways.length === 0) throw new UsageError("no address to attach to");
  return ways;
}

/** Attaches to a relay, and by way of it to the node. */
async function attachByWayOf(
  relay: AttachRelay,
  options: AttachOptions,
  leftMs: () => number,
  signal: AbortSignal,
): Promise<Session> {
  const carrier = await attach({
    ...relay,
    connections: 1,
    connectTimeoutMs: leftMs(),
    signal,
  });
  try {
    return await attachThrough(carrier, {
      ...options,
      connectTimeoutMs: leftMs(),
      signal,
    });
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error;
    throw new TimeoutError(error.message, {
      cause: error,
      fields: error.fields,
      hint:
        "the relay answers, but not the node: look whether the relay runs 'serve --relay', and the node is attached to it ('serve --via') and has this key",
    });
  }
}

async function attachTo(
  address: SocketAddress,
  options: AttachOptions,
  budgetMs: number,
  signal: AbortSignal,
): Promise<Session> {
  const { publicKey, psk, connectTimeoutMs } = options;
  const identity = options.identity ?? ephemeralIdentity();
  const any = address.hostname.includes(":") ? "::" : "0.0.0.0";
  const sessions: WireSession[] = [];
  const once = (budgetMs: number | undefined, signal?: AbortSignal) =>
    connect(
      // Inside this machine its buffer bounds what is in flight: no pause fills it.
      isLoopback(address.hostname)
        ? DenoSocket.bind(any, 0)
        : ThreadedSocket.bind(any, zoneOf(address.hostname)),
      { ...options, identity },
      { address, publicKey, psk, budgetMs, signal },
      sessions,
    );
  const first = await once(budgetMs, signal);
  const { connections, limitRate } = options;
  if (connections === 1 || connections === undefined && limitRate) return first;
  const short = isLoopback(address.hostname) ? LOOPBACK_RTT_MS : SHORT_RTT_MS;
  const limit = () =>
    connections ?? (pathRttMs(sessions) <= short ? SHORT_PATH_CONNECTIONS : 1);
  return new SessionBundle(first, () => once(connectTimeoutMs), limit);
}

/** What the path to a node takes at most, as far as any session has measured. */
function pathRttMs(sessions: readonly WireSession[]): number {
  return Math.min(...sessions.map((session) => session.pathRttMs));
}

/**
 * Makes the one session of a socket, which both own, and adds it to those with
 * the same node.
 */
async function connect(
  socket: DatagramSocket,
  settings: Pick<AttachOptions, "identity" | "congestion" | "limitRate">,
  options: ConnectOptions,
  siblings: WireSession[] = [],
): Promise<WireSession> {
  const { congestion, limitRate, identity = ephemeralIdentity() } = settings;
  const endpoint = new Endpoint({
    socket,
    provider: await cryptoProvider(),
    identity,
    congestion,
    receiveRate: limitRate,
    single: true,
  });
  try {
    const session = await endpoint.connect(options);
    siblings.push(session);
    if (socket instanceof ThreadedSocket) {
      // On a short path no more is in flight than the socket holds.
      socket.relieveWhen(() => {
        const rtt = pathRttMs(siblings);
        return rtt > SHORT_RTT_MS && rtt !== Infinity;
      });
    }
    return session;
  } catch (error) {
    await endpoint.close();
    throw error;
  }
}

/**
 * Options of {@linkcode attachThrough}: the keys are those of the node behind
 * the relay.
 */
export type AttachThroughOptions = Pick<
  AttachOptions,
  | "publicKey"
  | "psk"
  | "identity"
  | "congestion"
  | "limitRate"
  | "connectTimeoutMs"
  | "signal"
  | "direct"
>;

/**
 * Attaches to a node by way of a relay that both are attached to. The handshake and
 * everything after it are between the two ends; the relay can only hold packets back.
 * Its session is taken over: closed with the one that is returned, and on failure.
 */
export async function attachThrough(
  relay: Session,
  options: AttachThroughOptions,
): Promise<Session> {
  const carrier = await carrierOf(relay);
  const { publicKey, psk, signal, connectTimeoutMs: budgetMs } = options;
  const address = new RelayAddress(nodeIdOf(publicKey), carrier.remote.nodeId);
  return await connect(
    socketBehind(carrier, options.direct),
    options,
    { address, publicKey, psk, budgetMs, signal },
  );
}

/** The RELAY frames of a session; one that is itself relayed is closed and refused. */
export async function carrierOf(session: Session): Promise<RelayCarrier> {
  const { carrier } = session;
  if (carrier !== undefined) return carrier;
  await session.close();
  throw new UsageError("a relay must be attached to directly");
}
