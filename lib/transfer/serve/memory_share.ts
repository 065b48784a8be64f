/** What responses see of the memory that they share; see `serve_memory.ts`. */

import type { Notify } from "../../async/notify.ts";
import type { Permit, Semaphore } from "../../async/semaphore.ts";

/** A response as those see it who lend it memory. */
export interface Borrower {
  /** Whether all that keeps it from going on is that the peer gives no credit. */
  readonly isOutOfCredit: boolean;
  /** Whether it has written what it holds of the memory of newcomers. */
  readonly isNewcomer: boolean;
  /** Whether it has stood still for longer than it may. */
  isStill(now: number): boolean;
  /**
   * What its session wastes for each byte that it takes, with what it has now;
   * 0 for one that has it for less than `sliceMs`.
   */
  wastes(now: number, sliceMs: number): number;
  /** This process did not run for so many milliseconds: the peer could not read. */
  excuse(ms: number): void;
  /** Tells its session what has been acknowledged. */
  look(): void;
  /**
   * Takes the memory back, for which others wait.
   *
   * @param isFault Whether the peer has let it lie.
   */
  recall(isFault?: boolean): void;
}

/** What responses see of the memory of all sessions. */
export interface SharedMemory {
  readonly holding: Set<Borrower>;
  /** Bytes of copies of those that lost their memory. */
  kept: number;
  /** Takes the memory back of responses whose peers give no credit. */
  recall(): void;
  /** For sessions that take what they ask for, and for those that have yet to. */
  readonly memory: Semaphore;
  readonly newcomers: Semaphore;
  readonly reserve: Semaphore;
  /** Takes units of one of them in turn; those that stand still are watched. */
  acquire(
    from: Semaphore,
    units: number,
    session: SessionShare,
    signal: AbortSignal | undefined,
  ): Promise<Permit>;
  /** Waits until other responses of a session may be admitted. */
  untilChanged(
    session: SessionShare,
    signal: AbortSignal | undefined,
  ): Promise<void>;
}

/** What responses see of the part of it that their session may use. */
export interface SessionShare {
  readonly common: SharedMemory;
  readonly own: Semaphore;
  /** What it may use besides for small responses. */
  readonly reserve: Semaphore;
  /** How many responses of the session hold memory. */
  holding: number;
  /** Whether its peer takes what it is sent. */
  readonly isProven: boolean;
  /** Told when a response may be admitted that was not. */
  readonly changed: Notify;
  /** Whether it is the turn of a response to take memory. */
  admits(response: Borrower, isSmall: boolean): boolean;
  /** Looks whether its peer has acknowledged something. */
  look(): void;
  /** One of its responses lost its memory to others; a fault if it moved little. */
  owe(response: Borrower, isFault: boolean): void;
  /** A response is done with what it lost, or over. */
  settle(response: Borrower, isOver: boolean): void;
  /** Its peer has acknowledged so much. */
  prove(bytes: number): void;
  /** One of its responses holds so much more. */
  hold(bytes: number): void;
  /** So much was read for it and not taken, and so much taken. */
  onTaken(wasted: number, taken: number): void;
  /** Bytes that it has wasted lately for each that it took, with some more. */
  wasted(more?: number, taken?: number): number;
  /** Milliseconds that it has to wait before more is read for it. */
  readonly pauseMs: number;
  /** Its place in the line, the less the better. */
  rank(waitingSince: number): number;
  /** Milliseconds for which its peer may let memory lie while others wait. */
  readonly patienceMs: number;
  /** Milliseconds after which little credit has to do. */
  readonly creditMs: number;
  /** Little credit had to do. */
  onThinCredit(): void;
}
