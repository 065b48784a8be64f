/** Servers of other tools, for as long as they are measured. */

import { retry } from "@std/async";
import { signal } from "./program.ts";

/** How often it is looked whether a server listens. */
const ATTEMPTS = 250;
/** Milliseconds between two attempts to reach it. */
const RETRY_MS = 20;

/** A TCP port that was free a moment ago. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** A server in a process of its own; it is stopped when disposed of. */
export class Service implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
  }

  /**
   * Starts a server and waits until it listens.
   *
   * @throws {Error} When it does not.
   */
  static async start(
    command: string,
    args: readonly string[],
    { port }: { port: number },
  ): Promise<Service> {
    const child = new Deno.Command(command, {
      args: [...args],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    const service = new Service(child);
    try {
      await retry(
        async () => {
          using _ = await Deno.connect({ hostname: "127.0.0.1", port });
        },
        { maxAttempts: ATTEMPTS, minTimeout: RETRY_MS, maxTimeout: RETRY_MS },
      );
    } catch {
      await service[Symbol.asyncDispose]();
      throw new Error(`${command} does not listen on port ${port}`);
    }
    return service;
  }

  /** Stops it. */
  async [Symbol.asyncDispose](): Promise<void> {
    signal(this.#child, "SIGTERM");
    await this.#child.status;
  }
}
