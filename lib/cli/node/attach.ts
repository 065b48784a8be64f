/** Attaches to the node that the options and the profile name. */

import { TransferError, UsageError } from "../../errors.ts";
import {
  absenceMs,
  attachThrough,
  attemptMs,
  ephemeralIdentity,
  type Identity,
  type KeepEvent,
  KeptSession,
  Node,
  type Session,
} from "../../mesh/mod.ts";
import { resolveRelayed } from "../../transfer/mod.ts";
import type { Context } from "../command.ts";
import { withHint } from "../failure.ts";
import { Id } from "../framework/output/report.ts";
import type { ProgressMode } from "../framework/progress/progress_display.ts";
import { withWaiting } from "../framework/progress/with_progress.ts";
import type { Log } from "../framework/terminal/log.ts";
import { inStage, stageOf } from "../stage.ts";
import { type AttachTarget, shownTarget } from "./read_settings.ts";
import { givenTimeout } from "./settings.ts";

/** A session with the source. */
export interface Attachment extends AsyncDisposable {
  readonly session: Session;
  readonly peer: bigint;
  /** Does something with the session; failures name the relay, if there is one. */
  use<T>(operation: () => Promise<T>): Promise<T>;
}

/** How one attempt to attach is made. */
interface Attempt {
  readonly signal: AbortSignal;
  readonly connectTimeoutMs: number;
  /** The key of the source, once it is known. */
  readonly publicKey?: Uint8Array;
  readonly use: Attachment["use"];
}

/**
 * Attaches to a node, or by way of it to the source behind it.
 *
 * @param onKeepEvent Keeps the session for as long as a node may be away, and is
 * told how that goes.
 * @param progress How people are told that an answer is waited for.
 */
export async function attach(
  target: AttachTarget,
  context: Context,
  onKeepEvent?: (event: KeepEvent) => void,
  progress: ProgressMode = "auto",
): Promise<Attachment> {
  const { options: { nodeId }, source: { nodeId: peer } } = target;
  const use = <T>(operation: () => Promise<T>): Promise<T> =>
    peer === nodeId ? operation() : hintingRelay(peer, nodeId, operation);
  const chain = new Chain(target, context.log);
  const { connectTimeoutMs } = target.options;
  const { signal } = context;
  const stage = {
    name: "attaching",
    text: `attaching to ${shownAddresses(target)}`,
    limitMs: connectTimeoutMs,
  };
  const first = await withWaiting(
    progress,
    stage,
    context,
    () => chain.attach({ signal, connectTimeoutMs, use }),
  );
  const session = onKeepEvent === undefined
    ? first
    : keep(first, chain, target, onKeepEvent);
  return {
    session,
    peer,
    use,
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  };
}

function shownAddresses({ options }: AttachTarget): string {
  const more = options.addresses.length - 1;
  const first = shownTarget(options);
  return more > 0 ? `${first} and ${more} more` : first;
}

/** Keeps a session with the source, whose key is known from now on. */
function keep(
  first: Session,
  chain: Chain,
  { options: { connectTimeoutMs }, requestTimeoutMs }: AttachTarget,
  onEvent: (event: KeepEvent) => void,
): Session {
  const { publicKey } = first.remote;
  const kept: Session = new KeptSession(first, {
    keepMs: absenceMs(givenTimeout(requestTimeoutMs)),
    onEvent,
    connect: async (signal) => {
      const timeoutMs = Math.min(connectTimeoutMs, attemptMs(kept.stats));
      try {
        return await chain.attach({
          signal,
          publicKey,
          connectTimeoutMs: timeoutMs,
          use: (operation) => operation(),
        });
      } catch (error) {
        // What ends the fetch is a failure of the fetch.
        throw stageOf(error).error;
      }
    },
  });
  return kept;
}

/** The way to the source: the node, or a relay and the node behind it. */
class Chain {
  readonly #target: AttachTarget;
  readonly #log: Log;
  /** A source knows its peers by their keys. */
  readonly #identity: Identity;

  constructor(target: AttachTarget, log: Log) {
    this.#target = target;
    this.#log = log;
    this.#identity = target.options.identity ?? ephemeralIdentity();
  }

  async attach(attempt: Attempt): Promise<Session> {
    const { options: { nodeId }, source } = this.#target;
    const node = await this.#attachToNode(attempt);
    return source.nodeId === nodeId
      ? node
      : await this.#attachToSource(node, attempt);
  }

  async #attachToNode(attempt: Attempt): Promise<Session> {
    const { options } = this.#target;
    const { addresses, nodeId, relay } = options;
    const { signal, connectTimeoutMs } = attempt;
    this.#log.info("attaching", {
      addresses,
      node_id: new Id(nodeId),
      ...(relay && { relay_addresses: relay.address }),
    });
    const session = await inStage("attach", async () => {
      try {
        return await Node.attach({
          ...options,
          address: addresses,
          identity: this.#identity,
          connectTimeoutMs,
          signal,
          keepMs: 0,
        });
      } catch (error) {
        // Not every value of the right length is a key.
        if (!(error instanceof RangeError)) throw error;
        throw new UsageError(`cannot attach: ${error.message}`, {
          cause: error,
          hint: "copy the public key that 'net-transfer serve' printed",
        });
      }
    });
    this.#log.debug("attached", { address: session.remote.address });
    return session;
  }

  /** Attaches by way of a relay, whose session is taken over. */
  async #attachToSource(relay: Session, attempt: Attempt): Promise<Session> {
    const { source, options } = this.#target;
    const { signal, connectTimeoutMs, use } = attempt;
    const publicKey = await this.#keyOfSource(relay, attempt);
    const session = await inStage(
      "attach",
      () =>
        use(() =>
          attachThrough(relay, {
            ...options,
            identity: this.#identity,
            publicKey,
            psk: source.psk ?? options.psk,
            connectTimeoutMs,
            signal,
          })
        ),
    );
    this.#log.debug("attached", { address: session.remote.address });
    return session;
  }

  /** The key that was given, or what the relay says; closes it on failure. */
  async #keyOfSource(
    relay: Session,
    { signal, publicKey: known, use }: Attempt,
  ): Promise<Uint8Array> {
    const { source: { nodeId, publicKey }, requestTimeoutMs } = this.#target;
    const timeoutMs = requestTimeoutMs.value;
    const named = await inStage("relay", () =>
      use(async () => {
        try {
          return await resolveRelayed(relay, nodeId, { signal, timeoutMs });
        } catch (error) {
          await relay.close();
          throw error;
        }
      }));
    if (known !== undefined) return known;
    if (publicKey === undefined) {
      this.#log.warn("the key of the source is known from the relay alone", {
        node_id: new Id(nodeId),
        hint: "name it by its public key or a ticket to be sure",
      });
    }
    return publicKey ?? named;
  }
}

/** Adds to the failures of an operation which two nodes it needed. */
async function hintingRelay<T>(
  peer: bigint,
  relay: bigint,
  operation: () => Promise<T>,
): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    if (!(error instanceof TransferError)) throw error;
    const { hint, fields } = error;
    const both =
      `the source (--from) is node ${peer}, reached by way of node ${relay}: that one must run 'serve --relay', and the source must be attached to it ('serve --via')`;
    throw withHint(
      error,
      hint === undefined ? both : `${hint}; ${both}`,
      { ...fields, peer, relay },
    );
  }
}
