/**
 * Concurrent work of one download: bounded in number and in bytes, ended as a
 * whole by its first failure.
 *
 * @module
 */

import { Budget } from "./budget.ts";

/** Bounds of a {@linkcode TaskGroup}. */
export interface TaskGroupOptions {
  /** Tasks that may run at once. */
  maxTasks: number;
  /** Bytes that running tasks may hold together. */
  maxBytes: number;
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

/** What a task does; it ends when its signal aborts. */
export type Task = (signal: AbortSignal) => Promise<void>;

interface RunningTask {
  readonly controller: AbortController;
  readonly ended: Promise<void>;
}

/**
 * Runs tasks under two budgets. The first failure ends the group: no task
 * starts any more and those that run are told to stop. {@linkcode wait} returns
 * only when all have ended.
 */
export class TaskGroup {
  /** Aborts when no task starts any more; its reason is the cause. */
  readonly signal: AbortSignal;
  readonly #controller = new AbortController();
  readonly #bytes: Budget;
  readonly #slots: Budget;
  readonly #settleEarlier: boolean;
  /** In the order of their start. */
  readonly #running: Set<RunningTask> = new Set();
  readonly #unlink: () => void;
  #failure?: { readonly reason: unknown };

  /** Makes an empty group. */
  constructor(options: TaskGroupOptions) {
    this.signal = this.#controller.signal;
    this.#bytes = new Budget(options.maxBytes);
    this.#slots = new Budget(options.maxTasks);
    this.#settleEarlier = options.settleEarlier ?? false;
    const outer = options.signal;
    const onAbort = () => this.#end(outer?.reason, this.#running);
    outer?.addEventListener("abort", onAbort, { once: true });
    if (outer?.aborted) onAbort();
    this.#unlink = () => outer?.removeEventListener("abort", onAbort);
  }

  /** Bytes held by running tasks. */
  get bytesInFlight(): number {
    return this.#bytes.used;
  }

  /**
   * Starts `task` as soon as there is room for it.
   *
   * @param bytes What the task holds until it ends.
   * @returns Resolves when the task has started.
   * @throws The reason of the group's end.
   */
  async start(bytes: number, task: Task): Promise<void> {
    await this.#slots.acquire(1, this.signal);
    try {
      await this.#bytes.acquire(bytes, this.signal);
    } catch (error) {
      this.#slots.release(1);
      throw error;
    }
    if (this.signal.aborted) {
      // The group ended between the grant and here.
      this.#release(bytes);
      throw this.signal.reason;
    }
    const controller = new AbortController();
    const running: RunningTask = {
      controller,
      ended: this.#run(bytes, task, controller.signal)
        .catch((error) => this.#failed(running, error))
        .finally(() => this.#running.delete(running)),
    };
    this.#running.add(running);
  }

  /**
   * Ends the group from outside its tasks, as a task that was started last
   * would by failing.
   */
  fail(reason: unknown): void {
    if (this.signal.aborted) return;
    this.#end(reason, this.#settleEarlier ? [] : this.#running);
  }

  /**
   * Waits until every task has ended.
   *
   * @throws The first failure, or the caller's abort reason.
   */
  async wait(): Promise<void> {
    while (this.#running.size > 0) {
      await Promise.all([...this.#running].map(({ ended }) => ended));
    }
    this.#unlink();
    if (this.#failure !== undefined) throw this.#failure.reason;
  }

  async #run(bytes: number, task: Task, signal: AbortSignal): Promise<void> {
    try {
      await task(signal);
    } finally {
      this.#release(bytes);
    }
  }

  #release(bytes: number): void {
    this.#bytes.release(bytes);
    this.#slots.release(1);
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
