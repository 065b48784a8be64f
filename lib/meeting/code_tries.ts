/** What a code is still good for: its tries, and whether it is over. */

import { ProtocolError } from "../errors.ts";
import { CODE_TRIES_MAX } from "../limits.ts";
import type { Code } from "./code.ts";
import { CpaceExchange, type CpaceKeys, type CpaceMessage } from "./cpace.ts";
import { CodeRefusedError } from "./code_refused.ts";
import { cpaceInputs, type MeetingChannel } from "./meeting_secrets.ts";

/** Associated data: which end a share is of. */
export const GETTER_DATA: Uint8Array = new TextEncoder().encode("getter");
/** The same of the other end. */
export const SHARER_DATA: Uint8Array = new TextEncoder().encode("sharer");

/** Why a code is over. */
export type CodeEnd = "taken" | "wrong" | "withdrawn";

/** One thing that became of a code. */
export type TryEvent =
  /** Somebody has begun, and has to show that they know the code. */
  | { readonly type: "begun" }
  /** Somebody did not know it, or did not go on; so many tries are left. */
  | { readonly type: "wrong"; readonly left: number }
  /** The code is good for nothing any more. */
  | { readonly type: "over"; readonly why: CodeEnd };

/** What the two ends of one exchange are known by: their session. */
type Exchange = object;

/**
 * The sharing end of the exchanges for one code.
 *
 * A try is counted from the moment in which the share of this end is made, and
 * is only taken back by a confirmation that is right. This end shows nothing
 * that depends on the code before that: its share is a random point whatever
 * the code is. So each guess costs a try, whether it is confirmed, given up or
 * left hanging, and as many exchanges as tries are left run at once.
 */
export class CodeTries implements Disposable {
  readonly #code: Code;
  readonly #random: (bytes: Uint8Array) => void;
  readonly #onEvent: (event: TryEvent) => void;
  readonly #begun = new Map<Exchange, CpaceKeys>();
  #wrong = 0;
  #end: CodeEnd | undefined;

  /**
   * @param random Fills an array at random.
   * @param onEvent Told what becomes of the code; must not throw.
   */
  constructor(
    code: Code,
    random: (bytes: Uint8Array) => void,
    onEvent: (event: TryEvent) => void = () => {},
  ) {
    this.#code = code;
    this.#random = random;
    this.#onEvent = onEvent;
  }

  /** Why the code is over, once it is. */
  get end(): CodeEnd | undefined {
    return this.#end;
  }

  /** Tries that are neither used nor in use. */
  get left(): number {
    return this.#end === undefined
      ? CODE_TRIES_MAX - this.#wrong - this.#begun.size
      : 0;
  }

  /**
   * Answers the share of a peer with that of this end.
   *
   * @throws {CodeRefusedError} When the code is over, or all tries are in use.
   * @throws {ProtocolError} When the peer does not keep to the exchange.
   */
  begin(
    exchange: Exchange,
    channel: MeetingChannel,
    share: Uint8Array,
  ): CpaceMessage {
    this.#throwIfOver();
    if (this.#begun.has(exchange)) {
      throw new ProtocolError("this session has begun an exchange already");
    }
    if (this.left === 0) {
      throw new CodeRefusedError("busy");
    }
    const scalar = new Uint8Array(32);
    this.#random(scalar);
    using own = new CpaceExchange(
      "responder",
      cpaceInputs(this.#code, channel),
      scalar,
      SHARER_DATA,
    );
    try {
      this.#begun.set(exchange, own.finish({ share, data: GETTER_DATA }));
    } catch (error) {
      this.#countWrong();
      throw error;
    }
    this.#onEvent({ type: "begun" });
    return own.message;
  }

  /**
   * Takes the confirmation of a peer. A right one ends the code.
   *
   * @returns The keys of the exchange, which the caller disposes of.
   * @throws {CodeRefusedError} When it is wrong, or the code is over.
   * @throws {ProtocolError} When no exchange has begun.
   */
  confirm(exchange: Exchange, tag: Uint8Array): CpaceKeys {
    this.#throwIfOver();
    const keys = this.#begun.get(exchange);
    if (keys === undefined) {
      throw new ProtocolError("no exchange has begun in this session");
    }
    if (!keys.confirms(tag)) {
      this.drop(exchange);
      throw new CodeRefusedError("wrong");
    }
    this.#begun.delete(exchange);
    this.#finish("taken");
    return keys;
  }

  /** A peer is gone, or too slow: what it has begun counts as a wrong try. */
  drop(exchange: Exchange): void {
    const keys = this.#begun.get(exchange);
    if (keys === undefined) return;
    this.#begun.delete(exchange);
    keys[Symbol.dispose]();
    this.#countWrong();
  }

  /** Nobody gets anything by this code any more. */
  [Symbol.dispose](): void {
    if (this.#end === undefined) this.#finish("withdrawn");
  }

  #throwIfOver(): void {
    if (this.#end === undefined) return;
    throw new CodeRefusedError(this.#end === "wrong" ? "over" : this.#end);
  }

  #countWrong(): void {
    this.#wrong++;
    const left = CODE_TRIES_MAX - this.#wrong;
    this.#onEvent({ type: "wrong", left });
    if (left === 0) this.#finish("wrong");
  }

  #finish(why: CodeEnd): void {
    this.#end = why;
    for (const keys of this.#begun.values()) keys[Symbol.dispose]();
    this.#begun.clear();
    this.#onEvent({ type: "over", why });
  }
}
