/**
 * Waits for `promise`, or rejects with the signal's reason as soon as it
 * aborts; what becomes of `promise` then is nobody's concern.
 *
 * Streams need this: nothing says that a pending read ends when its own side
 * gives the stream up, and a peer that has gone silent never ends it.
 */
export function raceSignal<T>(
  promise: Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
    promise.then(
      (value) => {
        signal.removeEventListener("abort", onAbort);
        resolve(value);
      },
      (error) => {
        signal.removeEventListener("abort", onAbort);
        reject(error);
      },
    );
  });
}
