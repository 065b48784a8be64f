import type { KeepEvent } from "../../mesh/mod.ts";
import type { ReportProgress } from "../framework/progress/with_progress.ts";
import type { Log } from "../framework/terminal/log.ts";
import { keepNote, logKeepEvent } from "../progress/keep_updates.ts";

/** Tells people and programs what becomes of the sessions of a fetch, and counts. */
export class Keeping {
  /** How often one was attached to again. */
  attached = 0;
  report: ReportProgress | undefined;
  #isLost = false;

  constructor(private readonly log: Log) {}

  /** Of the only source. */
  readonly onEvent = (event: KeepEvent): void => {
    this.onOthersEvent(event);
    const note = keepNote(event);
    // A holder that is silent at first is lost but once.
    if (note === undefined || note.isStop && this.#isLost) return;
    this.#isLost = note.isStop;
    this.report?.({ note });
  };

  /** Of one of several sources: the fetch goes on meanwhile. */
  readonly onOthersEvent = (event: KeepEvent): void => {
    if (event.type === "attached") this.attached++;
    logKeepEvent(this.log, event);
  };
}
