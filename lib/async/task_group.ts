/**
 * Concurrent work of one job: bounded in number and in bytes, ended as a whole
 * by its first failure.
 */

import { Semaphore } from "./semaphore.ts";

/** Bounds of a {@linkcode TaskGroup}. */
export interface TaskGroupOptions {
  /** Tasks that may run at once. */
  maxTasks: number;
  /**
   * Bytes that running tasks may hold together.
   *
   * @default {Infinity}
   */
  maxBytes?: number;
  /** Ends the group. */
  signal?: AbortSignal;
  /**
   * Whether a failure lets the tasks that were started before the failed one
   * run to their end. What they fail with goes ahead of it.
   *
   * @default {false}
   */
  settleEarlier?: boolean;
}

type Task = (signal: AbortSignal) => Promise<void>;

interface RunningTask {
  readonly controller: AbortController;
  readonly ended: Promise<void>;
}

/**
 * Runs tasks under two bounds. The first failure ends the group: no task
 * starts any more and those that run are told to stop.
 *
 * @example
 * ```ts
 * import { delay } from "@std/async";
 * import { TaskGroup } from "./task_group.ts";
 *
 * const group = new TaskGroup({ maxTasks: 4 });
 * await group.run([10, 20], (milliseconds, signal) =>
 *   delay(milliseconds, { signal }));
 * ```
 */
export class TaskGroup {
  /** Aborts when no task starts any more; its reason is the cause. */
  readonly signal: AbortSignal;
  readonly #controller = new AbortController();
  readonly #ended = new AbortController();
  readonly #slots: Semaphore;
  readonly #bytes: Semaphore;
  readonly #settleEarlier: boolean;
  /** In the order of their start. */
  readonly #running: Set<RunningTask> = new Set();
  #failure?: { readonly reason: unknown };

  /** Makes an empty group. */
  constructor(
    { maxTasks, maxBytes, signal, settleEarlier }: TaskGroupOptions,
  ) {
    this.signal = this.#controller.signal;
    this.#slots = new Semaphore(maxTasks);
    this.#bytes = new Semaphore(maxBytes ?? Infinity);
    this.#settleEarlier = settleEarlier ?? false;
    const onAbort = () => this.#end(signal?.reason, this.#running);
    signal?.addEventListener("abort", onAbort, {
      once: true,
      signal: this.#ended.signal,
    });
    if (signal?.aborted) onAbort();
  }

  /**
   * Starts a task for each item as there is room for it, and waits until all
   * have ended.
   *
   * @param items Asked for one more when the task of the one before has
   * started; must end when the group's signal aborts.
   * @param task Ends when its signal aborts.
   * @param bytesOf What the task of an item holds until it ends.
   * @throws The first failure, or the caller's abort reason.
   */
  async run<T>(
    items: Iterable<T> | AsyncIterable<T>,
    task: (item: T, signal: AbortSignal) => Promise<void>,
    bytesOf: (item: T) => number = () => 0,
  ): Promise<void> {
    try {
      for await (const item of items) {
        await this.#start((signal) => task(item, signal), bytesOf(item));
      }
    } catch (reason) {
      const stopped = this.#settleEarlier ? [] : this.#running;
      if (!this.signal.aborted) this.#end(reason, stopped);
    }
    await Promise.all([...this.#running].map(({ ended }) => ended));
    this.#ended.abort();
    if (this.#failure !== undefined) throw this.#failure.reason;
  }

  /** Starts `task` as soon as there is room for it. */
  async #start(task: Task, bytes: number): Promise<void> {
    using permits = new DisposableStack();
    permits.use(await this.#slots.acquire(1, this.signal));
    permits.use(await this.#bytes.acquire(bytes, this.signal));
    // The group may have ended between the grant and here.
    this.signal.throwIfAborted();
    const controller = new AbortController();
    const running: RunningTask = {
      controller,
      ended: this.#run(task, controller.signal, permits.move())
        .catch((error) => this.#failed(running, error))
        .finally(() => this.#running.delete(running)),
    };
    this.#running.add(running);
  }

  async #run(task: Task, signal: AbortSignal, held: Disposable): Promise<void> {
    using _held = held;
    await task(signal);
  }

  #failed(task: RunningTask, reason: unknown): void {
    // One that was told to stop fails with why it was.
    if (task.controller.signal.aborted) return;
    const running = [...this.#running];
    const later = running.slice(running.indexOf(task) + 1);
    this.#end(reason, this.#settleEarlier ? later : running);
  }

  #end(reason: unknown, tasks: Iterable<RunningTask>): void {
    this.#failure = { reason };
    this.#controller.abort(reason);
    for (const { controller } of tasks) controller.abort(reason);
  }
}
