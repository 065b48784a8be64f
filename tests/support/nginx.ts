/** A real web server, where the machine has one. */

import { join } from "@std/path";
import { startOnFreePort } from "./free_port.ts";

const PLACES = [
  "/usr/sbin/nginx",
  "/usr/local/sbin/nginx",
  "/opt/homebrew/bin/nginx",
];

const PROGRAM = PLACES.find((path) => {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
});

/** The obstacle to tests with it. */
export const withoutNginx: string | undefined = PROGRAM === undefined
  ? "no nginx here"
  : undefined;

/** Serves a directory on loopback. */
export class Nginx implements AsyncDisposable {
  private constructor(
    private readonly child: Deno.ChildProcess,
    private readonly log: string,
    /** Of all addresses: `http://127.0.0.1:PORT/`. */
    readonly url: string,
  ) {}

  /**
   * Starts it.
   *
   * @param dir A directory for its files, of its own.
   * @param root What it serves.
   * @param more Lines of its configuration, of the server.
   */
  static async start(
    dir: string,
    root: string,
    more = "",
    port?: number,
  ): Promise<Nginx> {
    const log = join(dir, "access.log");
    const start = (port: number) => {
      const file = join(dir, "nginx.conf");
      Deno.writeTextFileSync(file, configuration(dir, root, port, more));
      return new Deno.Command(PROGRAM ?? "nginx", {
        args: ["-c", file, "-p", dir, "-e", "stderr"],
        stdout: "null",
        stderr: "null",
      }).spawn();
    };
    const started = await startOnFreePort(start, port);
    return new Nginx(
      started.child,
      log,
      `http://127.0.0.1:${started.port}/`,
    );
  }

  /** Its port. */
  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** Lines of what was asked: method, path, status, number of the connection. */
  async requests(): Promise<string[]> {
    const text = await Deno.readTextFile(this.log);
    return text.split("\n").filter((line) => line !== "");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.child.kill("SIGKILL");
    } catch {
      // It was ended before.
    }
    await this.child.status;
  }
}

function configuration(
  dir: string,
  root: string,
  port: number,
  more: string,
): string {
  const user = Deno.uid() === 0 ? "user root;" : "";
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `${name}_temp_path ${join(dir, name)};`).join("\n");
  return `${user}
    daemon off; master_process off; pid ${join(dir, "nginx.pid")};
    events { worker_connections 256; }
    http {
      ${temporary}
      log_format short '$request_method $uri $status $connection';
      access_log ${join(dir, "access.log")} short;
      sendfile on; keepalive_requests 100000;
      server { listen 127.0.0.1:${port}; root ${root}; ${more} }
    }`;
}
