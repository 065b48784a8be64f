/** Which code has run, as the engine that runs it tells. */

import inspector from "node:inspector";

interface Ranges {
  url: string;
  functions: {
    functionName: string;
    ranges: { startOffset: number; endOffset: number; count: number }[];
  }[];
}

/** Whether the runtime tells; asked once, as the oldest version dies of twice. */
let tells: boolean | undefined;

/** Tells whether code of ours has run that had not before. */
export class Coverage {
  readonly #seen = new Set<string>();

  private constructor(private readonly session: inspector.Session) {}

  /** Begins to look; `undefined` where the runtime tells nothing. */
  static async start(): Promise<Coverage | undefined> {
    if (tells === false) return undefined;
    const session = new inspector.Session();
    session.connect();
    session.post("Profiler.enable");
    session.post("Profiler.startPreciseCoverage", {
      callCount: true,
      detailed: true,
    });
    const coverage = new Coverage(session);
    tells = (await coverage.#taken()).some(({ url }) =>
      url === import.meta.url
    );
    if (tells) {
      await coverage.take();
      return coverage;
    }
    session.disconnect();
    return undefined;
  }

  /** Ranges of code that have run. */
  get size(): number {
    return this.#seen.size;
  }

  /** Ranges that have run since this was asked, and never before. */
  async take(): Promise<Set<string>> {
    const fresh = new Set<string>();
    for (const range of await this.#ranges()) {
      if (!this.#seen.has(range)) fresh.add(range);
      this.#seen.add(range);
    }
    return fresh;
  }

  /** Whether any of these has run since this, or {@linkcode take}, was asked. */
  async ran(wanted: ReadonlySet<string>): Promise<boolean> {
    return (await this.#ranges()).some((range) => wanted.has(range));
  }

  async #ranges(): Promise<string[]> {
    const taken = await this.#taken();
    return taken.filter(({ url }) => url.includes("/lib/"))
      .flatMap(({ url, functions }) =>
        functions.flatMap(({ functionName, ranges }) =>
          ranges.filter(({ count }) => count > 0)
            .map(({ startOffset, endOffset }) =>
              `${url} ${functionName} ${startOffset} ${endOffset}`
            )
        )
      );
  }

  /** What has run since this was asked. */
  #taken(): Promise<readonly Ranges[]> {
    return new Promise((resolve) => {
      // Waiting for an answer alone keeps the oldest version from nothing.
      const alive = setInterval(() => {}, 60_000);
      this.session.post("Profiler.takePreciseCoverage", (_error, answer) => {
        clearInterval(alive);
        const { result = [] } = (answer ?? {}) as { result?: Ranges[] };
        resolve(result);
      });
    });
  }

  /** Looks no more. */
  stop(): void {
    this.session.post("Profiler.stopPreciseCoverage");
    this.session.disconnect();
  }
}
