/**
 * The packets that are sent and neither acknowledged nor lost (RFC 9002 §A.1).
 */

/** One sent packet; `F` is whatever the sender wants back when its fate is known. */
export interface SentPacket<F> {
  readonly number: number;
  /** When it was sent, in milliseconds. */
  readonly time: number;
  /** Bytes of the datagram it filled. */
  readonly size: number;
  /** Whether the peer must acknowledge it (RFC 9002 §2). */
  readonly ackEliciting: boolean;
  /** Whether it counts against the congestion window (RFC 9002 §2). */
  readonly inFlight: boolean;
  /**
   * Whether it is a path MTU probe, whose loss is no sign of congestion (RFC
   * 9000 §14.4).
   */
  readonly mtuProbe: boolean;
  readonly frames: F;
}

const CAPACITY_MIN = 64;

/**
 * Sent packets by number: a ring over the numbers from the oldest tracked one
 * to the newest, so that adding, finding and removing take constant time and
 * allocate nothing. Numbers may be skipped.
 */
export class SentPackets<F> {
  /** Slot of a number: its remainder by the capacity, as numbers outgrow 32 bits. */
  #slots: (SentPacket<F> | undefined)[] = new Array(CAPACITY_MIN).fill(
    undefined,
  );
  /** Number of the oldest tracked packet; {@linkcode next} when there is none. */
  first = 0;
  /** One more than the largest number ever added. */
  next = 0;
  #length = 0;

  /**
   * Starts to track a packet.
   *
   * @throws {RangeError} If its number is not larger than those of all before.
   */
  add(packet: SentPacket<F>): void {
    const number = packet.number;
    if (number < this.next) {
      throw new RangeError(
        `packet number ${number} is not larger than ${this.next - 1}`,
      );
    }
    if (this.#length === 0) this.first = number;
    else if (number - this.first >= this.#slots.length) this.#grow(number);
    this.#slots[number % this.#slots.length] = packet;
    this.next = number + 1;
    this.#length++;
  }

  /** A packet has left that is not tracked. */
  pass(number: number): void {
    this.next = number + 1;
    if (this.#length === 0) this.first = this.next;
  }

  /** Numbers from the oldest tracked packet to the newest. */
  get span(): number {
    return this.next - this.first;
  }

  /** The packet of a number, `undefined` when it is not tracked. */
  get(number: number): SentPacket<F> | undefined {
    if (number < this.first || number >= this.next) return undefined;
    return this.#slots[number % this.#slots.length];
  }

  /** Stops tracking a packet and returns it, `undefined` when it was not tracked. */
  remove(number: number): SentPacket<F> | undefined {
    const packet = this.get(number);
    if (packet === undefined) return undefined;
    this.#slots[number % this.#slots.length] = undefined;
    this.#length--;
    if (this.#length === 0) {
      this.first = this.next;
    } else if (number === this.first) {
      let first = number + 1;
      while (this.#slots[first % this.#slots.length] === undefined) first++;
      this.first = first;
    }
    return packet;
  }

  #grow(number: number): void {
    const old = this.#slots;
    const oldCapacity = old.length;
    let capacity = oldCapacity;
    while (number - this.first >= capacity) capacity *= 2;
    const slots: (SentPacket<F> | undefined)[] = new Array(capacity)
      .fill(undefined);
    for (let n = this.first; n < this.next; n++) {
      slots[n % capacity] = old[n % oldCapacity];
    }
    this.#slots = slots;
  }
}
