/** The codes of a share, one after another: each is good for one fetch. */

import { TransferError } from "../../errors.ts";
import { type CodeOffer, offerCode } from "../../meeting/mod.ts";
import type { OfferCodeOptions, OfferEvent } from "../../meeting/mod.ts";
import type { Session } from "../../mesh/mod.ts";
import type { Context } from "../command.ts";
import { messageOf } from "../failure.ts";

/**
 * The sessions of a node that are for codes, for one code after another: what a
 * code that is over still waits for must not take the next one's.
 */
class MeetingSessions {
  readonly #node: OfferCodeOptions["node"];
  #current: ReadableStreamDefaultController<Session> | undefined;

  constructor(node: OfferCodeOptions["node"]) {
    this.#node = node;
    this.#pass();
  }

  /** The node, whose sessions are from now on those of this code. */
  next(): OfferCodeOptions["node"] {
    const { publicKey, address } = this.#node;
    const stream = new ReadableStream<Session>({
      start: (controller) => {
        this.#current = controller;
      },
    });
    return { publicKey, address, sessions: () => stream };
  }

  async #pass(): Promise<void> {
    for await (const session of this.#node.sessions("meeting")) {
      this.#current?.enqueue(session);
    }
  }
}

/** What a code is offered with. */
export interface ShareCodesOptions
  extends
    Pick<OfferCodeOptions, "node" | "keyring" | "ticket" | "places">,
    Pick<Context, "log"> {
  /** Told of each code but the first. */
  readonly onNext: (code: string) => Promise<void>;
  readonly signal: AbortSignal;
}

/** Offers a code for as long as there is something to get by it. */
export class ShareCodes implements AsyncDisposable {
  readonly #options: ShareCodesOptions;
  readonly #stop = new AbortController();
  readonly #sessions: MeetingSessions;
  #offer: CodeOffer;
  #running: Promise<void>;

  private constructor(
    options: ShareCodesOptions,
    sessions: MeetingSessions,
    first: CodeOffer,
  ) {
    this.#options = options;
    this.#sessions = sessions;
    this.#offer = first;
    this.#running = this.#goOn();
  }

  /** Offers the first code; without one, and a warning, when that cannot be. */
  static async begin(
    options: ShareCodesOptions,
  ): Promise<ShareCodes | undefined> {
    const sessions = new MeetingSessions(options.node);
    try {
      const first = await offerCode({
        ...options,
        node: sessions.next(),
        onEvent: (event) => tell(event, options),
      });
      return new ShareCodes(options, sessions, first);
    } catch (error) {
      if (!(error instanceof TransferError) || options.signal.aborted) {
        throw error;
      }
      options.log.warn("there is no code, and the ticket does", {
        reason: error.message,
      });
      return undefined;
    }
  }

  /** The code that is good now. */
  get code(): string {
    return this.#offer.code;
  }

  /** Withdraws it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#offer[Symbol.asyncDispose]();
    await this.#running;
  }

  /** Takes another code when one was used; after wrong tries there is none. */
  async #goOn(): Promise<void> {
    const { log, onNext } = this.#options;
    for (;;) {
      const why = await this.#offer.ended;
      if (this.#stop.signal.aborted || why === "withdrawn") return;
      if (why === "wrong") {
        log.warn("the code is over after too many wrong tries", {
          hint: "give the ticket, or share it again",
        });
        return;
      }
      try {
        this.#offer = await offerCode({
          ...this.#options,
          node: this.#sessions.next(),
          signal: this.#stop.signal,
          onEvent: (event) => tell(event, this.#options),
        });
      } catch (error) {
        if (!this.#stop.signal.aborted) {
          log.warn("there is no further code", { reason: messageOf(error) });
        }
        return;
      }
      if (this.#stop.signal.aborted) {
        await this.#offer[Symbol.asyncDispose]();
        return;
      }
      await onNext(this.#offer.code);
    }
  }
}

function tell(event: OfferEvent, { log }: ShareCodesOptions): void {
  switch (event.type) {
    case "wrong":
      return log.warn("somebody tried a wrong code", { left: event.left });
    case "nowhere":
      return log.warn("the code is not found everywhere", {
        place: event.place,
        reason: messageOf(event.error),
      });
    case "begun":
      return log.info("somebody has the number of the code");
    case "over":
      return log.info("the code is over", { why: event.why });
  }
}
