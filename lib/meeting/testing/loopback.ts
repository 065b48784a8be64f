/** Multicast on the loopback interface alone. */

import type { MulticastSettings } from "../multicast_sockets.ts";
import { AskingSockets, openGroup } from "../multicast_sockets.ts";

/** Name of the loopback interface. */
const LOOPBACK = Deno.networkInterfaces().find(
  ({ address }) => address === "127.0.0.1",
)?.name;

/** Settings for a test that is alone on a port. */
export function loopbackSettings(
  port: number,
): Required<Pick<MulticastSettings, "port">> & { interfaces: string[] } {
  return { port, interfaces: [LOOPBACK ?? "lo"] };
}

/** Milliseconds after which a packet on loopback is lost, however busy it is. */
const LOST_MS = 5000;

/** What keeps tests from multicast on loopback, if anything does. */
export async function noLoopbackMulticast(): Promise<string | undefined> {
  if (LOOPBACK === undefined) return "no loopback interface";
  const probe = Deno.listenDatagram({
    transport: "udp",
    hostname: "127.0.0.1",
    port: 0,
  });
  const { port } = probe.addr as Deno.NetAddr;
  probe.close();
  const settings = loopbackSettings(port);
  try {
    using group = await openGroup(settings);
    using asking = await AskingSockets.open(Uint8Array.of(1), settings);
    const heard = Promise.withResolvers<boolean>();
    const receiving = [group, asking].map((sockets) =>
      sockets.receive(() => heard.resolve(true))
    );
    const timer = setTimeout(() => heard.resolve(false), LOST_MS);
    await asking.ask();
    const works = await heard.promise;
    clearTimeout(timer);
    group[Symbol.dispose]();
    asking[Symbol.dispose]();
    await Promise.all(receiving);
    return works ? undefined : "no multicast on loopback";
  } catch (error) {
    return `no multicast on loopback: ${error}`;
  }
}
