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

/**
 * Work before, beside or after what is counted as the whole, with a name and
 * counts of its own.
 */
export interface ProgressStage {
  /** Its name for programs: `removing`. */
  readonly name: string;
  /** The same for people: `removing the old tree`. */
  readonly text: string;
  readonly bytes?: bigint;
  /** Bytes in the end, if they are known. */
  readonly totalBytes?: bigint;
  readonly files?: number;
  readonly totalFiles?: number;
  readonly path?: string;
  /** Milliseconds after which it is given up. */
  readonly limitMs?: number;
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
  /** What is done beside what the sizes count, as long as it is. */
  readonly stage?: ProgressStage;
  /** What the work stands still for, in words, as long as it does. */
  readonly stop?: string;
  /** Milliseconds for which it has been at this stage, or has stood still. */
  readonly lastedMs?: number;
  /**
   * Bytes per second over the last seconds, of the stage if there is one, once
   * there is something to measure.
   */
  readonly rate?: number;
}

/** The parts of a {@linkcode ProgressState} that work reports. */
export type ProgressUpdate =
  & Partial<Omit<ProgressState, "rate" | "stop" | "stage">>
  & {
    readonly note?: ProgressNote;
    /** What is done now; `null` when the work itself goes on. */
    readonly stage?: ProgressStage | null;
  };

/** The seconds that remain at the rate of the last seconds, if it is known. */
export function secondsLeft(
  { bytes = 0n, totalBytes, rate }: Partial<ProgressState>,
): number | undefined {
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
  /** What the samples are of: a stage by its name, or the whole. */
  #measured: string | undefined;
  #samples: Sample[] = [];
  /** Since when it has been at a stage, or has stood still. */
  #since: number | undefined;

  constructor(label: string) {
    this.#state = { label, bytes: 0n };
  }

  /** Takes an update in; bytes beyond the total do not count. */
  update({ note, stage, ...update }: ProgressUpdate): void {
    const { stop, stage: earlier, ...free } = this.#state;
    const now = stage === undefined ? earlier : stage ?? undefined;
    const standing = note === undefined
      ? stop
      : note.isStop
      ? note.text
      : undefined;
    const state = {
      ...free,
      ...(now && { stage: now }),
      ...(standing !== undefined && { stop: standing }),
      ...update,
    };
    if (standing !== stop || now?.name !== earlier?.name) {
      this.#since = undefined;
    }
    const { bytes, totalBytes = bytes } = state;
    this.#state = { ...state, bytes: bytes > totalBytes ? totalBytes : bytes };
  }

  /** What is known at `now`, of a clock in milliseconds that never goes back. */
  state(now: number): ProgressState {
    const { stage, stop } = this.#state;
    if (stage?.name !== this.#measured) {
      this.#measured = stage?.name;
      this.#samples = [];
    }
    const rate = this.#rate(now, stage?.bytes ?? this.#state.bytes);
    const lasting = stage !== undefined || stop !== undefined;
    this.#since = lasting ? this.#since ?? now : undefined;
    return {
      ...this.#state,
      ...(this.#since !== undefined && { lastedMs: now - this.#since }),
      ...(rate !== undefined && { rate }),
    };
  }

  #rate(now: number, bytes: bigint): number | undefined {
    this.#samples.push({ at: now, bytes });
    while (
      this.#samples.length > 2 && this.#samples[1].at < now - RATE_WINDOW_MS
    ) this.#samples.shift();
    const [first] = this.#samples;
    const elapsed = now - first.at;
    if (elapsed < RATE_SETTLED_MS) return undefined;
    return Number(bytes - first.bytes) * 1000 / elapsed;
  }
}
