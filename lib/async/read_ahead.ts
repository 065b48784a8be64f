/**
 * Runs an async generator ahead of its consumer, so that what it waits for
 * (the next node of a tree) is under way while the consumer is busy.
 *
 * @param source Yields the items.
 * @param count Items asked for ahead.
 */
export async function* readAhead<T>(
  source: AsyncGenerator<T, void, undefined>,
  count: number,
): AsyncGenerator<T, void, undefined> {
  const pending: Promise<IteratorResult<T, void>>[] = [];
  try {
    while (true) {
      while (pending.length < count) {
        const next = source.next();
        // It is looked at in its turn, or not at all.
        next.catch(() => {});
        pending.push(next);
      }
      const result = await pending[0];
      pending.shift();
      if (result.done) return;
      yield result.value;
    }
  } finally {
    await Promise.allSettled(pending);
    await source.return();
  }
}
