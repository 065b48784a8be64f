import type { Fields } from "../output/report.ts";

/** Something that happens to work beside its getting on. */
export interface ProgressNote {
  /** Its name for programs. */
  readonly event: string;
  /** What programs are told of it. */
  readonly fields: Fields;
  /** The same for people. */
  readonly text: string;
  /** Whether the work stands still until the next note. */
  readonly isStop: boolean;
}

/** What is known now of how far work has come. */
export interface ProgressState {
  /** What is done, in words: `hashing photo.raw`. */
  readonly label: string;
  readonly bytes: bigint;
  /** Bytes in the end, if they are known. */
  readonly totalBytes?: bigint;
  /** Files finished; only of work on many. */
  readonly files?: number;
  readonly totalFiles?: number;
  /** The file that was finished last, or is being read. */
  readonly path?: string;
  /** What the work stands still for, in words, as long as it does. */
  readonly stop?: string;
  /** Bytes per second over the last seconds, once there is something to measure. */
  readonly rate?: number;
}

/** The parts of a {@linkcode ProgressState} that work reports. */
export type ProgressUpdate =
  & Partial<Omit<ProgressState, "label" | "rate" | "stop">>
  & { readonly note?: ProgressNote };

/** The seconds that remain at the rate of the last seconds, if it is known. */
export function secondsLeft(state: ProgressState): number | undefined {
  const { bytes, totalBytes, rate } = state;
  if (rate === undefined || rate <= 0 || totalBytes === undefined) return;
  return Number(totalBytes - bytes) / rate;
}

/** Bytes done at a time, in milliseconds. */
interface Sample {
  readonly at: number;
  readonly bytes: bigint;
}

/** The rate is measured over this many milliseconds. */
const RATE_WINDOW_MS = 5000;

/** A rate over less than this is noise and not shown. */
const RATE_SETTLED_MS = 1000;

/** Collects updates into a {@linkcode ProgressState}. */
export class ProgressMeter {
  #state: Omit<ProgressState, "rate">;
  readonly #samples: Sample[] = [];

  constructor(label: string) {
    this.#state = { label, bytes: 0n };
  }

  /** Takes an update in; bytes beyond the total do not count. */
  update({ note, ...update }: ProgressUpdate): void {
    const { stop: _, ...free } = this.#state;
    const state = {
      ...(note === undefined ? this.#state : free),
      ...(note?.isStop && { stop: note.text }),
      ...update,
    };
    const { bytes, totalBytes = bytes } = state;
    this.#state = { ...state, bytes: bytes > totalBytes ? totalBytes : bytes };
  }

  /** What is known at `now`, of a clock in milliseconds that never goes back. */
  state(now: number): ProgressState {
    const { bytes } = this.#state;
    this.#samples.push({ at: now, bytes });
    while (
      this.#samples.length > 2 && this.#samples[1].at < now - RATE_WINDOW_MS
    ) this.#samples.shift();
    const [first] = this.#samples;
    const elapsed = now - first.at;
    if (elapsed < RATE_SETTLED_MS) return this.#state;
    const rate = Number(bytes - first.bytes) * 1000 / elapsed;
    return { ...this.#state, rate };
  }
}
