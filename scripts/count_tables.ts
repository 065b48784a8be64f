/**
 * Preloaded into a program, counts what it keeps: entries of all its tables
 * (maps and sets), timers that are to fire, and memory in use. SIGUSR2 has the
 * counts written to the file that SOAK_COUNTS names; with SOAK_WHERE also how many
 * entries there are in the tables of each line of the sources.
 *
 * `deno run --v8-flags=--expose-gc --preload scripts/count_tables.ts …`
 */

const path = Deno.env.get("SOAK_COUNTS");
const seen: WeakRef<{ readonly size: number }>[] = [];
const timers = new Set<unknown>();

const isAskedWhere = Deno.env.has("SOAK_WHERE");
const places = new WeakMap<object, string>();

function watch(table: { readonly size: number }): void {
  seen.push(new WeakRef(table));
  if (!isAskedWhere || places.has(table)) return;
  const lines = new Error().stack?.split("\n") ?? [];
  places.set(table, lines[3]?.trim() ?? "");
}

/** Entries of all tables, by where these are made. */
function entriesBy(
  tables: readonly { readonly size: number }[],
): Record<string, number> {
  const found: Record<string, number> = {};
  for (const table of tables) {
    const place = places.get(table) ?? "";
    found[place] = (found[place] ?? 0) + table.size;
  }
  return found;
}

const { Map: RealMap, Set: RealSet } = globalThis;

class CountedMap<K, V> extends RealMap<K, V> {
  constructor(entries?: Iterable<readonly [K, V]> | null) {
    super(entries);
    watch(this);
  }
}

class CountedSet<T> extends RealSet<T> {
  constructor(values?: Iterable<T> | null) {
    super(values);
    watch(this);
  }
}

/** Has a timer counted until it fires or is given up. */
function countTimers(): void {
  const { setTimeout, setInterval, clearTimeout, clearInterval } = globalThis;
  type Callback = (...args: unknown[]) => void;
  const once = (call: Callback, ms?: number, ...args: unknown[]) => {
    const id = setTimeout(() => {
      timers.delete(id);
      call(...args);
    }, ms);
    timers.add(id);
    return id;
  };
  const often = (call: Callback, ms?: number, ...args: unknown[]) => {
    const id = setInterval(call, ms, ...args);
    timers.add(id);
    return id;
  };
  const clear = <T>(end: (id: T) => void) => (id: T) => {
    timers.delete(id);
    end(id);
  };
  Object.assign(globalThis, {
    setTimeout: once,
    setInterval: often,
    clearTimeout: clear(clearTimeout),
    clearInterval: clear(clearInterval),
  });
}

function living(): { readonly size: number }[] {
  const tables = seen.flatMap((ref) => ref.deref() ?? []);
  seen.length = 0;
  for (const table of tables) watch(table);
  return tables;
}

async function tell(to: string): Promise<void> {
  const { gc } = globalThis as { gc?: () => void };
  // What the first finds may be held by what waits for its turn.
  for (let round = 0; round < 3; round++) {
    gc?.();
    await new Promise((done) => queueMicrotask(() => done(undefined)));
  }
  const tables = living();
  const counts = {
    tables: tables.length,
    entries: tables.reduce((sum, { size }) => sum + size, 0),
    timers: timers.size,
    heap: Deno.memoryUsage().heapUsed,
    ...(isAskedWhere && { where: entriesBy(tables) }),
  };
  Deno.writeTextFileSync(`${to}.new`, JSON.stringify(counts));
  Deno.renameSync(`${to}.new`, to);
}

if (path !== undefined) {
  Object.assign(globalThis, { Map: CountedMap, Set: CountedSet });
  countTimers();
  Deno.addSignalListener("SIGUSR2", () => void tell(path));
}
