/** Ports for servers that cannot be told to take any free one. */

/** How often a server is started on another port. */
const TRIES = 5;

/** A port that was free just now. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  return port;
}

/**
 * Starts a server on a port that is free, and waits until it takes connections.
 *
 * @param start Starts it on a port.
 * @param fixed A port that it had before.
 */
export async function startOnFreePort(
  start: (port: number) => Deno.ChildProcess,
  fixed?: number,
): Promise<{ child: Deno.ChildProcess; port: number }> {
  for (let tries = 1;; tries++) {
    const port = fixed ?? freePort();
    const child = start(port);
    let isOver = false;
    const ended = child.status.then(() => isOver = true);
    while (!isOver) {
      if (await takesConnections(port)) return { child, port };
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await ended;
    if (tries === TRIES) throw new Error("the server does not start");
  }
}

async function takesConnections(port: number): Promise<boolean> {
  try {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port });
    connection.close();
    return true;
  } catch {
    return false;
  }
}
