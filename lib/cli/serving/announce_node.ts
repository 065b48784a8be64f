import { interfacesAt, LocalService } from "../../meeting/mod.ts";
import type { Node } from "../../mesh/mod.ts";
import { Id } from "../framework/output/report.ts";

/** Bytes of the name that stand in the label of the instance. */
const LABEL_BYTES = 40;

/** Announces a node on the local network under a name, if it has one. */
export async function announceNode(
  { publicKey, nodeId, address: { hostname, port } }: Node,
  name: string | undefined,
): Promise<AsyncDisposable | undefined> {
  if (name === undefined) return undefined;
  return await LocalService.start(
    { instance: instanceOf(name, nodeId), port, publicKey, name },
    interfacesAt(hostname, {}),
  );
}

/** A label for who lists services; other nodes may have the same name. */
function instanceOf(name: string, nodeId: bigint): string {
  const bytes = new TextEncoder().encode(name.replaceAll(".", " "));
  const cut = new TextDecoder().decode(bytes.subarray(0, LABEL_BYTES));
  return `${cut.replace(/\ufffd+$/, "")} (${new Id(nodeId).hex.slice(-4)})`;
}
