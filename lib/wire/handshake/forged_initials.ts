/** How many Initials without a valid mac1 a node looks at. */

import {
  FORGED_INITIAL_BYTES,
  FORGED_INITIALS_MAX,
  HANDSHAKE_SOURCES_MAX,
  SECOND_LOOKS_MAX,
} from "../../limits.ts";
import { addressGroups } from "./address_groups.ts";

/** One in so many Initials is looked at when there are too many forged ones. */
const SAMPLE = 4;
/**
 * How many times as many forged ones as are looked at anyway are looked at by
 * that; of what comes then one in so many more as each is tried with keys, so
 * that the rest costs what it does with one.
 */
const SAMPLED_FACTOR = 4;

/**
 * What is known of the forged Initials of one second. A node with many keys has
 * to pass Initials over sooner, since each costs it a MAC for each key: so those
 * who are passed over and come again, as everybody does who attaches, are looked
 * at before others. Forged addresses do not come again; an address that sends
 * forgeries itself is looked at a second time for none of them.
 */
export class ForgedInitials {
  /** What those that were looked at cost, in MACs of one key. */
  #cost = 0;
  /** Initials that came when that was too much. */
  #beyond = 0;
  /** Keys that the last one was tried with. */
  #keys = 1;
  /** Where they came from. */
  readonly #senders = new Set<string>();
  /** Where Initials came from that were passed over, the latest last. */
  readonly #passedOver = new Set<string>();
  #secondLooks = 0;

  /** Another second begins. */
  beginSecond(): void {
    this.#cost = this.#beyond = this.#secondLooks = 0;
    this.#senders.clear();
  }

  /** Whether an Initial from there is to be looked at at all. */
  mayLook(hostname: string): boolean {
    if (this.#cost < FORGED_INITIALS_MAX) return true;
    const isFlood = this.#cost >= SAMPLED_FACTOR * FORGED_INITIALS_MAX;
    const sample = isFlood ? SAMPLE * this.#keys : SAMPLE;
    return this.#beyond++ % sample === 0 || this.#isSecond(hostname);
  }

  /**
   * `mac1` of an Initial was that of no key.
   *
   * @param covered Bytes that it covers.
   * @param keys How many were tried.
   */
  add(hostname: string, covered: number, keys: number): void {
    this.#keys = Math.max(1, keys);
    this.#cost += keys * Math.ceil(covered / FORGED_INITIAL_BYTES);
    this.#senders.add(addressGroups(hostname)[0]);
  }

  /** Whether an address was passed over before, which is noted else. */
  #isSecond(hostname: string): boolean {
    const [group] = addressGroups(hostname);
    if (this.#senders.has(group)) return false;
    const passedOver = this.#passedOver;
    if (this.#secondLooks < SECOND_LOOKS_MAX && passedOver.delete(group)) {
      this.#secondLooks++;
      return true;
    }
    passedOver.add(group);
    if (passedOver.size <= HANDSHAKE_SOURCES_MAX) return false;
    const { value, done } = passedOver.values().next();
    if (done !== true) passedOver.delete(value);
    return false;
  }
}
