import { KeyedBlake2s } from "../../../lib/wire/handshake/blake2s.ts";

/** Counts the MACs with kept keys while something runs. */
export function countMacs<T>(run: () => T): [result: T, macs: number] {
  const { of } = KeyedBlake2s.prototype;
  let count = 0;
  KeyedBlake2s.prototype.of = function (text) {
    count++;
    return of.call(this, text);
  };
  try {
    return [run(), count];
  } finally {
    KeyedBlake2s.prototype.of = of;
  }
}
