import { OVERSLEPT_MS } from "../limits.ts";

/**
 * A timer that does not count the time in which the process did not run: when it
 * fires far too late, it waits once more.
 *
 * @param callback Called once, after so many milliseconds.
 * @param timers The runtime's, unless a test has its own.
 * @returns Stops the timer.
 */
export function awakeTimeout(
  callback: () => void,
  ms: number,
  timers: AwakeTimers = SYSTEM_TIMERS,
): () => void {
  let stop = () => {};
  const start = () => {
    const due = timers.now() + ms;
    stop = timers.after(ms, () => {
      if (timers.now() - due >= OVERSLEPT_MS) start();
      else callback();
    });
  };
  start();
  return () => stop();
}

/** Where {@linkcode awakeTimeout} has its time from. */
export interface AwakeTimers {
  /** Milliseconds that never go back. */
  now(): number;
  /** Calls back once, unless the returned function is called before. */
  after(ms: number, callback: () => void): () => void;
}

const SYSTEM_TIMERS: AwakeTimers = {
  now: () => performance.now(),
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};
