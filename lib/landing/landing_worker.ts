/**
 * The main side's hold on a landing worker.
 *
 * @module
 */

import { TransferError } from "../errors.ts";
import { startConfined } from "./confined_worker.ts";
import { WORKER_SOURCE } from "./worker_bundle.ts";
import {
  fromWireError,
  type WorkerOperation,
  type WorkerOperations,
  type WorkerReply,
} from "./worker/worker_protocol.ts";

/** One request that has no answer yet. */
interface Pending {
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

/**
 * A worker that may touch nothing but one directory, and its unanswered
 * requests.
 */
export class LandingWorker {
  private readonly pending = new Map<number, Pending>();
  private nextId = 0;
  private ended: Error | undefined;

  private constructor(
    private readonly worker: Worker,
    private readonly signal: AbortSignal | undefined,
  ) {
    worker.onmessage = ({ data }: MessageEvent<WorkerReply>) => this.take(data);
    worker.onmessageerror = () => this.end(crashed("unreadable answer"));
    worker.onerror = (event: ErrorEvent) => {
      event.preventDefault();
      this.end(crashed(event.message));
    };
    signal?.addEventListener("abort", this.onAbort);
  }

  /**
   * Starts a worker.
   *
   * @param parent The one directory it may read and write.
   * @param signal Rejects what is pending when it is aborted.
   * @param source The module it runs.
   * @throws {PermissionError} When the process itself may not touch `parent`.
   */
  static start(
    parent: string,
    signal?: AbortSignal,
    source: string = WORKER_SOURCE,
  ): LandingWorker {
    signal?.throwIfAborted();
    const worker = startConfined(source, parent);
    return new LandingWorker(worker, signal);
  }

  /**
   * Asks the worker for something.
   *
   * @param op What.
   * @param request Its parameters.
   * @param transfer Buffers that are handed over.
   * @returns The answer, once the work is done.
   * @throws The worker's error in its own class, the reason of the signal, or
   * an `internal` error when the worker failed.
   */
  call<O extends WorkerOperation>(
    op: O,
    request: WorkerOperations[O]["request"],
    transfer: Transferable[] = [],
  ): Promise<WorkerOperations[O]["result"]> {
    if (this.ended !== undefined) return Promise.reject(this.ended);
    const id = this.nextId++;
    const answer = new Promise<unknown>((resolve, reject) => {
      this.pending.set(id, { resolve, reject });
    });
    this.worker.postMessage({ id, op, ...request }, transfer);
    return answer as Promise<WorkerOperations[O]["result"]>;
  }

  /**
   * From here on the signal is not heeded any more: what has begun to be
   * installed is either installed or not.
   */
  ignoreSignal(): void {
    this.signal?.removeEventListener("abort", this.onAbort);
  }

  /**
   * Lets the worker clean up, then ends it. The signal does not interrupt that.
   *
   * @throws {IoError} When it could not clean up.
   */
  async abandon(): Promise<void> {
    this.ignoreSignal();
    try {
      await this.call("abort", {});
    } finally {
      this.terminate();
    }
  }

  /** Ends the worker; what is pending is rejected. */
  terminate(): void {
    this.end(new TransferError("internal", "the landing is closed"));
  }

  private readonly onAbort = (): void => this.rejectAll(this.signal?.reason);

  private take(reply: WorkerReply): void {
    const pending = this.pending.get(reply.id);
    this.pending.delete(reply.id);
    if (reply.ok) pending?.resolve(reply.result);
    else pending?.reject(fromWireError(reply.error));
  }

  private end(error: Error): void {
    if (this.ended !== undefined) return;
    this.ended = error;
    this.ignoreSignal();
    this.worker.terminate();
    this.rejectAll(error);
  }

  private rejectAll(error: unknown): void {
    for (const { reject } of this.pending.values()) reject(error);
    this.pending.clear();
  }
}

function crashed(message: string): TransferError {
  return new TransferError("internal", `the landing worker failed: ${message}`);
}
