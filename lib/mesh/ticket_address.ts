import type { PostcardReader, PostcardWriter } from "../content/mod.ts";
import { isHostName, isIpv4, isIpv6, parseHostPort } from "./address.ts";
import { ipBytes, ipText } from "./ip_bytes.ts";

/** Discriminants of the address enum. */
const IPV4 = 0;
const IPV6 = 1;
const NAME = 2;

/** Writes an address; a zone is left out, as it names an interface of one machine. */
export function writeAddress(writer: PostcardWriter, text: string): void {
  const { hostname, port } = parseHostPort(text);
  if (isIpv4(hostname)) {
    writer.u32(IPV4);
    for (const byte of ipBytes(hostname)) writer.u8(byte);
  } else if (isIpv6(hostname)) {
    writer.u32(IPV6);
    for (const byte of ipBytes(hostname)) writer.u8(byte);
  } else {
    writer.u32(NAME);
    writer.string(hostname);
  }
  writer.u32(port);
}

/** Reads `host:port`, an IPv6 literal in brackets and in its canonical form. */
export function readAddress(reader: PostcardReader): string {
  const host = readHost(reader);
  const port = reader.u32();
  if (port < 1 || port > 65_535) {
    throw new RangeError(`port ${port} cannot be dialled`);
  }
  return `${host}:${port}`;
}

function readHost(reader: PostcardReader): string {
  const kind = reader.variant(3);
  if (kind === IPV4) return ipText(reader.bytes(4));
  if (kind === IPV6) return `[${ipText(reader.bytes(16))}]`;
  const name = reader.string();
  if (!isHostName(name)) throw new RangeError("it holds no host name");
  return name;
}
