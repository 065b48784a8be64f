/**
 * The main side of a landing: the worker that writes, from its first request
 * to its end.
 */

import { TransferError } from "../errors.ts";
import { ownerThatIsGone, thisMachine, watchLeftLock } from "./lock_owner.ts";
import { volumeOf } from "../os/volume.ts";
import { startConfined } from "./confined_worker.ts";
import { WORKER_SOURCE } from "./worker_bundle.ts";
import type { Target } from "./worker/target.ts";
import {
  fromWireError,
  handOver,
  type Kept,
  type WorkerOperation,
  type WorkerOperations,
  type WorkerReply,
} from "./worker/worker_protocol.ts";

/**
 * A worker that may touch nothing but one directory, and its unanswered
 * requests.
 */
export class LandingWorker implements AsyncDisposable {
  readonly #pending = new Map<number, PromiseWithResolvers<unknown>>();
  #nextId = 0;
  #ended: Error | undefined;
  #closed = false;
  #busyMs = 0;
  #busySince = 0;

  private constructor(
    private readonly worker: Worker,
    private signal: AbortSignal | undefined,
  ) {
    worker.onmessage = ({ data }: MessageEvent<WorkerReply>) =>
      this.#take(data);
    worker.onmessageerror = () => this.#end(crashed("unreadable answer"));
    worker.onerror = (event: ErrorEvent) => {
      event.preventDefault();
      this.#end(crashed(event.message));
    };
    signal?.addEventListener("abort", this.#onAbort);
  }

  /**
   * Starts a worker.
   *
   * @param parent The one directory it may read and write.
   * @param signal Rejects what is pending, and requests after it, when it is
   * aborted.
   * @param source The module it runs.
   * @throws {PermissionError} When the process itself may not touch `parent`.
   */
  static start(
    parent: string,
    signal?: AbortSignal,
    source: string = WORKER_SOURCE,
  ): LandingWorker {
    signal?.throwIfAborted();
    return new LandingWorker(startConfined(source, parent), signal);
  }

  /**
   * Starts a worker and has it open a target, told who keeps its bytes.
   *
   * @param op What it opens.
   * @param request The target, and how it lands.
   * @param site The directory that everything is written in.
   * @param signal As for {@linkcode LandingWorker.start}.
   * @returns The worker and its answer.
   * @throws The worker's error; then it has ended.
   */
  static async open<O extends "open_blob" | "open_tree">(
    op: O,
    request:
      & Omit<WorkerOperations[O]["request"], "volume" | "machine">
      & { target: Target },
    site: string,
    signal?: AbortSignal,
  ): Promise<{ worker: LandingWorker; opened: WorkerOperations[O]["result"] }> {
    const worker = LandingWorker.start(site, signal);
    try {
      // The worker may not ask; it starts meanwhile.
      const { kind: volume } = await volumeOf(site);
      const machine = thisMachine();
      const told = { ...request, volume, machine } as WorkerOperations[O][
        "request"
      ];
      try {
        return { worker, opened: await worker.call(op, told) };
      } catch (error) {
        const gone = ownerThatIsGone(error, machine) ??
          await watchLeftLock(error, signal);
        if (gone === undefined) throw error;
        return { worker, opened: await worker.call(op, { ...told, gone }) };
      }
    } catch (error) {
      await worker[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Milliseconds for which it has had something to do. */
  get busyMs(): number {
    return this.#busyMs;
  }

  /**
   * Asks the worker for something.
   *
   * @param op What.
   * @param request Its parameters.
   * @param bytes Those of its bytes whose buffer is transferred.
   * @returns The answer, once the work is done.
   * @throws The worker's error in its own class, the reason of the signal, or
   * an `internal` error when the worker failed.
   */
  async call<O extends WorkerOperation>(
    op: O,
    request: WorkerOperations[O]["request"],
    bytes?: Uint8Array,
  ): Promise<WorkerOperations[O]["result"]> {
    this.signal?.throwIfAborted();
    if (this.#ended !== undefined) throw this.#ended;
    const id = this.#nextId++;
    const answer = Promise.withResolvers<unknown>();
    if (this.#pending.size === 0) this.#busySince = performance.now();
    this.#pending.set(id, answer);
    const transfer = bytes === undefined ? [] : handOver(bytes);
    this.worker.postMessage({ id, op, ...request }, transfer);
    return await answer.promise as WorkerOperations[O]["result"];
  }

  /**
   * As {@linkcode LandingWorker.call}, but the signal no longer interrupts it,
   * nor what is asked for afterwards: what has begun to be installed is either
   * installed or not.
   *
   * @param op What.
   * @param request Its parameters.
   * @returns The answer.
   */
  async callThrough<O extends WorkerOperation>(
    op: O,
    request: WorkerOperations[O]["request"],
  ): Promise<WorkerOperations[O]["result"]> {
    this.signal?.throwIfAborted();
    this.#ignoreSignal();
    return await this.call(op, request);
  }

  /**
   * The last request, as {@linkcode LandingWorker.callThrough}: with its answer
   * the worker ends.
   *
   * @param op What.
   * @param request Its parameters.
   * @returns The answer.
   * @throws As {@linkcode LandingWorker.call}; then the worker is still to be
   * closed.
   */
  async finish<O extends WorkerOperation>(
    op: O,
    request: WorkerOperations[O]["request"],
  ): Promise<WorkerOperations[O]["result"]> {
    const result = await this.callThrough(op, request);
    this.#closed = true;
    this.terminate();
    return result;
  }

  /**
   * Lets the worker clean up, then ends it, unless it has finished. The signal
   * does not interrupt that.
   *
   * @param keep Whether what there is stays for the next run; of a file it always
   * does.
   * @returns What that is.
   * @throws {IoError} When it could not clean up.
   */
  async abort(keep: boolean): Promise<Kept | undefined> {
    if (this.#closed) return undefined;
    this.#closed = true;
    this.#ignoreSignal();
    try {
      return await this.call("abort", { keep });
    } finally {
      this.terminate();
    }
  }

  /** As {@linkcode LandingWorker.abort}; never throws. */
  async close(keep: boolean): Promise<Kept | undefined> {
    try {
      return await this.abort(keep);
    } catch {
      // Only a temp tree can stay behind; the error that led here matters more.
      return undefined;
    }
  }

  /** As {@linkcode LandingWorker.close}, and keeps nothing. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close(false);
  }

  /** Ends the worker; what is pending is rejected. */
  terminate(): void {
    this.#end(new TransferError("internal", "the landing is closed"));
  }

  readonly #onAbort = (): void => this.#rejectAll(this.signal?.reason);

  #ignoreSignal(): void {
    this.signal?.removeEventListener("abort", this.#onAbort);
    this.signal = undefined;
  }

  #take(reply: WorkerReply): void {
    const pending = this.#pending.get(reply.id);
    this.#pending.delete(reply.id);
    if (this.#pending.size === 0) {
      this.#busyMs += performance.now() - this.#busySince;
    }
    if (reply.ok) pending?.resolve(reply.result);
    else pending?.reject(fromWireError(reply.error));
  }

  #end(error: Error): void {
    if (this.#ended !== undefined) return;
    this.#ended = error;
    this.#ignoreSignal();
    this.worker.terminate();
    this.#rejectAll(error);
  }

  #rejectAll(error: unknown): void {
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }
}

function crashed(message: string): TransferError {
  return new TransferError("internal", `the landing worker failed: ${message}`);
}
