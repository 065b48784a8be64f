/**
 * Which stream sends next: interactive streams ahead of bulk ones, inside a
 * class by deficit round robin, so that each gets an equal share of bytes.
 */

export type StreamClass = "interactive" | "bulk";

/** What the scheduler keeps in each stream. */
export interface Schedulable {
  schedulingClass: StreamClass;
  /** Bytes it may still send in its turn. */
  deficit: number;
  scheduled: boolean;
}

/**
 * Bytes a stream sends in one turn, where no rate is limited: the largest packet, so that a packet
 * carries one stream's data whatever its size.
 */
export const QUANTUM: number = 64 * 1024;

/** Queues of the streams that have something to send. */
export class StreamScheduler<S extends Schedulable> {
  readonly #interactive: S[] = [];
  readonly #bulk: S[] = [];
  /** Bytes a stream may send in one turn. */
  turnBytes = QUANTUM;

  get empty(): boolean {
    return this.#interactive.length === 0 && this.#bulk.length === 0;
  }

  /** Queues `stream` behind the others of its class, unless it is queued. */
  add(stream: S): void {
    if (stream.scheduled) return;
    stream.scheduled = true;
    stream.deficit = this.turnBytes;
    this.#queue(stream).push(stream);
  }

  remove(stream: S): void {
    if (!stream.scheduled) return;
    stream.scheduled = false;
    const queue = this.#queue(stream);
    // It is nearly always the one that has just sent.
    if (queue[0] === stream) queue.shift();
    else queue.splice(queue.indexOf(stream), 1);
  }

  /** The stream whose turn it is. */
  peek(): S | undefined {
    return this.#interactive[0] ?? this.#bulk[0];
  }

  /**
   * Books `bytes` sent by the stream whose turn it is; a turn used up passes to
   * the next.
   */
  charge(stream: S, bytes: number): void {
    stream.deficit -= bytes;
    if (stream.deficit > 0) return;
    const queue = this.#queue(stream);
    stream.deficit = Math.min(stream.deficit, 0) + this.turnBytes;
    if (queue.length > 1) {
      queue.shift();
      queue.push(stream);
    }
  }

  reclassify(stream: S, schedulingClass: StreamClass): void {
    if (stream.schedulingClass === schedulingClass) return;
    const queued = stream.scheduled;
    if (queued) this.remove(stream);
    stream.schedulingClass = schedulingClass;
    if (queued) this.add(stream);
  }

  #queue(stream: S): S[] {
    return stream.schedulingClass === "interactive"
      ? this.#interactive
      : this.#bulk;
  }
}
