/** Servers of other tools, for as long as they are measured. */

import { retry } from "@std/async";
import { runProgram, signal, words } from "./program.ts";
import { TempDir } from "./temp_dir.ts";

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

/** Whether a program can be run. */
export function isInstalled(command: string): Promise<boolean> {
  const quiet = { stdin: "null", stdout: "null", stderr: "null" } as const;
  const child = new Deno.Command(command, { args: ["--version"], ...quiet });
  return child.output().then(() => true, () => false);
}

/** An ssh server of our own, on loopback and with keys of its own. */
export class SshServer implements AsyncDisposable {
  private constructor(
    readonly port: number,
    /** What ssh and scp need to know of it, but for the port. */
    readonly options: readonly string[],
    private readonly service: Service,
    private readonly keys: TempDir,
  ) {}

  /**
   * Starts it.
   *
   * @param scratch Where its keys are made.
   * @throws {Error} When it does not listen.
   */
  static async start(scratch: string): Promise<SshServer> {
    const port = freePort();
    const keys = await TempDir.make(scratch);
    for (const name of ["host_key", "user_key"]) {
      const { code, stderr } = await runProgram(
        ["ssh-keygen"],
        words`-q -t ed25519 -N ${""} -f ${keys.at(name)}`,
      );
      if (code !== 0) throw new Error(`ssh-keygen failed: ${stderr}`);
    }
    const config = await keys.write(
      "sshd_config",
      `Port ${port}
ListenAddress 127.0.0.1
HostKey ${keys.at("host_key")}
AuthorizedKeysFile ${keys.at("user_key.pub")}
StrictModes no
UsePAM no
PermitRootLogin yes
PidFile none
Subsystem sftp internal-sftp
`,
    );
    await Deno.mkdir("/run/sshd", { recursive: true });
    const args = ["-D", "-f", config];
    const service = await Service.start("/usr/sbin/sshd", args, { port });
    const options = words`-i ${keys.at("user_key")}
      -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null
      -o LogLevel=ERROR`;
    return new SshServer(port, options, service, keys);
  }

  /** Stops it, and removes its keys. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.service[Symbol.asyncDispose]();
    await this.keys[Symbol.asyncDispose]();
  }
}
