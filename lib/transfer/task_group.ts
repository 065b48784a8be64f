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
}

/**
 * Runs tasks under two budgets. The first failure aborts {@linkcode signal},
 * which every task watches; {@linkcode wait} returns only when all have ended.
 */
export class TaskGroup {
  /** Aborts when a task failed or the caller gave up; its reason is the cause. */
  readonly signal: AbortSignal;
  #controller = new AbortController();
  #bytes: Budget;
  #slots: Budget;
  #running: Set<Promise<void>> = new Set();
  #unlink: () => void;

  /** Makes an empty group. */
  constructor(options: TaskGroupOptions) {
    this.signal = this.#controller.signal;
    this.#bytes = new Budget(options.maxBytes);
    this.#slots = new Budget(options.maxTasks);
    const outer = options.signal;
    const onAbort = () => this.#controller.abort(outer?.reason);
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
  async start(bytes: number, task: () => Promise<void>): Promise<void> {
    await this.#slots.acquire(1, this.signal);
    try {
      await this.#bytes.acquire(bytes, this.signal);
    } catch (error) {
      this.#slots.release(1);
      throw error;
    }
    const running: Promise<void> = this.#run(bytes, task)
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** Ends the group: every task is told to stop. */
  fail(reason: unknown): void {
    this.#controller.abort(reason);
  }

  /**
   * Waits until every task has ended.
   *
   * @throws The first failure, or the caller's abort reason.
   */
  async wait(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
    this.#unlink();
    this.signal.throwIfAborted();
  }

  async #run(bytes: number, task: () => Promise<void>): Promise<void> {
    try {
      await task();
    } catch (error) {
      this.fail(error);
    } finally {
      this.#bytes.release(bytes);
      this.#slots.release(1);
    }
  }
}
