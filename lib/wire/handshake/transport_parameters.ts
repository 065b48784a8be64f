/**
 * Transport parameters (RFC 9000 §7.4, §18), the payload of both handshake
 * messages: a sequence of varint id, varint length, value. Unknown ids are
 * skipped, a repeated one is an error. The table is in `docs/wire.md`.
 */

import {
  ACK_DELAY_MAX_MS,
  DATAGRAM_MAX,
  IDLE_TIMEOUT_MAX_MS,
  RECEIVE_BUFFER_MAX,
  RELAYED_DATAGRAM_MIN,
  STREAM_COUNT_MAX,
  VERSIONS_MAX,
} from "../../limits.ts";
import type { AeadName } from "../packet/aead.ts";
import type { CongestionAlgorithm } from "../packet/congestion_algorithm.ts";
import { CONNECTION_ID_LENGTH } from "../packet/packet_header.ts";
import { RESET_TOKEN_LENGTH } from "./stateless_reset.ts";
import {
  TransportError,
  TransportErrorCode,
} from "../packet/transport_error.ts";
import {
  VARINT_MAX,
  varintLength,
  WireReader,
  WireWriter,
} from "../packet/wire_buffer.ts";

/** What one end tells the other about itself. */
export interface TransportParameters {
  /** This end gives up on a silent peer after this many milliseconds. */
  readonly maxIdleTimeoutMs: number;
  /** Bytes the peer may send on all streams together, to begin with. */
  readonly initialMaxData: number;
  /** Bytes the peer may send on one stream, to begin with. */
  readonly initialMaxStreamData: number;
  /** Streams the peer may open, to begin with. */
  readonly initialMaxStreamsBidi: number;
  /** Longest this end delays an ACK, in milliseconds. */
  readonly maxAckDelayMs: number;
  /** Largest datagram this end can receive, in bytes of UDP payload. */
  readonly maxDatagramSize: number;
  /**
   * Receive buffer of this end's socket: more than this may not be in flight
   * unread.
   */
  readonly receiveBufferBytes: number;
  /** Congestion control that the peer is to use, unless it was told another. */
  readonly congestion?: CongestionAlgorithm;
  /** Whether the peer may tell its addresses, to be met there directly. */
  readonly takesAddresses?: boolean;
  /** Whether the peer is to tell where it sees this end. */
  readonly wantsObserved?: boolean;
}

/** The whole payload of a handshake message. */
export interface HandshakeParameters {
  readonly transport: TransportParameters;
  /** Destination and source id of the packet's clear header, 16 bytes. */
  readonly connectionIds: Uint8Array;
  /** Packet AEADs this end has; the initiator sends it. */
  readonly aeads?: readonly AeadName[];
  /** Packet AEAD of the connection; the responder sends it. */
  readonly selectedAead?: AeadName;
  /** The version list the initiator was given, if it was. */
  readonly versions?: readonly number[];
  /** Ends the connection when it comes in a stateless reset; the responder sends it. */
  readonly statelessResetToken?: Uint8Array;
}

const Id = {
  MAX_IDLE_TIMEOUT: 0x01,
  STATELESS_RESET_TOKEN: 0x02,
  MAX_DATAGRAM_SIZE: 0x03,
  INITIAL_MAX_DATA: 0x04,
  INITIAL_MAX_STREAM_DATA: 0x05,
  INITIAL_MAX_STREAMS_BIDI: 0x08,
  MAX_ACK_DELAY: 0x0b,
  CONNECTION_IDS: 0x0f,
  RECEIVE_BUFFER: 0x20,
  AEADS: 0x21,
  SELECTED_AEAD: 0x22,
  VERSIONS: 0x23,
  CONGESTION: 0x24,
  ADDRESSES: 0x25,
} as const;

/** Bits of ADDRESSES. */
const TAKES_ADDRESSES = 0x01;
const WANTS_OBSERVED = 0x02;

type NumberName = Exclude<
  keyof TransportParameters,
  "congestion" | "takesAddresses" | "wantsObserved"
>;

/** A parameter that is one number, with its bounds. */
type NumberParameter = readonly [
  id: number,
  name: NumberName,
  min: number,
  max: number,
];

const NUMBERS: readonly NumberParameter[] = [
  [Id.MAX_IDLE_TIMEOUT, "maxIdleTimeoutMs", 1, IDLE_TIMEOUT_MAX_MS],
  [Id.MAX_DATAGRAM_SIZE, "maxDatagramSize", RELAYED_DATAGRAM_MIN, DATAGRAM_MAX],
  [Id.INITIAL_MAX_DATA, "initialMaxData", 0, VARINT_MAX],
  [Id.INITIAL_MAX_STREAM_DATA, "initialMaxStreamData", 0, VARINT_MAX],
  [Id.INITIAL_MAX_STREAMS_BIDI, "initialMaxStreamsBidi", 0, STREAM_COUNT_MAX],
  [Id.MAX_ACK_DELAY, "maxAckDelayMs", 0, ACK_DELAY_MAX_MS],
  [
    Id.RECEIVE_BUFFER,
    "receiveBufferBytes",
    RELAYED_DATAGRAM_MIN,
    RECEIVE_BUFFER_MAX,
  ],
];

const AEAD_CODES: readonly (readonly [number, AeadName])[] = [
  [1, "chacha20-poly1305"],
  [2, "aes-256-gcm"],
];

const CONGESTION_CODES: readonly (readonly [number, CongestionAlgorithm])[] = [
  [1, "cubic"],
  [2, "bbr"],
];

const CONNECTION_IDS_LENGTH = 2 * CONNECTION_ID_LENGTH;
/** Ids of all parameters, lengths and fixed values: far less than this. */
const ENCODED_MAX = 512;

function fail(message: string): never {
  throw new TransportError(
    TransportErrorCode.TRANSPORT_PARAMETER_ERROR,
    message,
  );
}

/** The code of a name; 0 is none. */
function codeOf<T>(table: readonly (readonly [number, T])[], name: T): number {
  return table.find(([, known]) => known === name)?.[0] ?? 0;
}

function nameOf<T>(
  table: readonly (readonly [number, T])[],
  code: number | undefined,
): T | undefined {
  return table.find(([known]) => known === code)?.[1];
}

/**
 * Encodes parameters.
 *
 * @throws {RangeError} When a value is outside what the peer would accept.
 */
export function encodeTransportParameters(
  parameters: HandshakeParameters,
): Uint8Array {
  const room = new Uint8Array(ENCODED_MAX);
  const writer = new WireWriter(room);
  for (const [id, name, min, max] of NUMBERS) {
    const value = parameters.transport[name];
    if (!Number.isInteger(value) || value < min || value > max) {
      throw new RangeError(
        `Cannot announce ${name} ${value}: it must be from ${min} to ${max}`,
      );
    }
    writer.varint(id);
    writer.varint(varintLength(value));
    writer.varint(value);
  }
  const put = (id: number, value: Uint8Array): void => {
    writer.varint(id);
    writer.varint(value.length);
    writer.bytes(value);
  };
  put(Id.CONNECTION_IDS, parameters.connectionIds);
  const { aeads, selectedAead, versions, statelessResetToken } = parameters;
  const { congestion } = parameters.transport;
  if (congestion) {
    put(Id.CONGESTION, Uint8Array.of(codeOf(CONGESTION_CODES, congestion)));
  }
  const addresses = addressBits(parameters.transport);
  if (addresses > 0) put(Id.ADDRESSES, Uint8Array.of(addresses));
  if (aeads) {
    put(Id.AEADS, Uint8Array.from(aeads, (name) => codeOf(AEAD_CODES, name)));
  }
  if (selectedAead) {
    put(Id.SELECTED_AEAD, Uint8Array.of(codeOf(AEAD_CODES, selectedAead)));
  }
  if (versions) put(Id.VERSIONS, Uint8Array.from(versions));
  if (statelessResetToken) put(Id.STATELESS_RESET_TOKEN, statelessResetToken);
  const encoded = writer.written().slice();
  // A copy of the token of a reset.
  room.fill(0);
  return encoded;
}

function addressBits(
  { takesAddresses, wantsObserved }: TransportParameters,
): number {
  return (takesAddresses ? TAKES_ADDRESSES : 0) |
    (wantsObserved ? WANTS_OBSERVED : 0);
}

function splitParameters(bytes: Uint8Array): Map<number, Uint8Array> {
  const reader = new WireReader(bytes);
  const found = new Map<number, Uint8Array>();
  try {
    while (reader.remaining > 0) {
      const id = reader.varint();
      const value = reader.bytes(reader.varint());
      if (found.has(id)) fail(`transport parameter ${id} is given twice`);
      found.set(id, value);
    }
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    fail(error.message);
  }
  return found;
}

function fixed(
  found: Map<number, Uint8Array>,
  id: number,
  name: string,
  length: number,
): Uint8Array {
  const value = found.get(id);
  if (value?.length !== length) fail(`${name} is not ${length} bytes`);
  return value.slice();
}

function number(
  found: Map<number, Uint8Array>,
  [id, name, min, max]: NumberParameter,
): number {
  const value = found.get(id);
  if (value === undefined) fail(`${name} is missing`);
  const reader = new WireReader(value);
  let result: number;
  try {
    result = reader.varint();
  } catch {
    fail(`${name} is not a number`);
  }
  if (reader.remaining > 0) fail(`${name} is not a number`);
  if (result < min || result > max) {
    fail(`${name} is ${result}, not from ${min} to ${max}`);
  }
  return result;
}

/**
 * Decodes the parameters of a peer.
 *
 * @param from Which side the peer is: each has parameters only it may send.
 * @throws {TransportError} TRANSPORT_PARAMETER_ERROR when one is malformed,
 * repeated, missing, out of bounds or not this side's to send.
 */
export function decodeTransportParameters(
  bytes: Uint8Array,
  from: "initiator" | "responder",
): HandshakeParameters {
  const found = splitParameters(bytes);
  const foreign = from === "initiator"
    ? [Id.SELECTED_AEAD, Id.STATELESS_RESET_TOKEN]
    : [Id.AEADS, Id.VERSIONS];
  for (const id of foreign) {
    if (found.has(id)) fail(`the ${from} may not send parameter ${id}`);
  }
  const numbers: Partial<Record<NumberName, number>> = {};
  for (const entry of NUMBERS) numbers[entry[1]] = number(found, entry);
  // One that is not known here is no wish that could be met.
  const congestion = nameOf(CONGESTION_CODES, found.get(Id.CONGESTION)?.[0]);
  const addresses = found.get(Id.ADDRESSES)?.[0] ?? 0;
  const parameters = {
    // The loop above has set every name.
    transport: {
      ...numbers as Record<NumberName, number>,
      ...(congestion && { congestion }),
      ...(addresses & TAKES_ADDRESSES && { takesAddresses: true }),
      ...(addresses & WANTS_OBSERVED && { wantsObserved: true }),
    },
    connectionIds: fixed(
      found,
      Id.CONNECTION_IDS,
      "connectionIds",
      CONNECTION_IDS_LENGTH,
    ),
  };
  if (from === "responder") {
    const code = fixed(found, Id.SELECTED_AEAD, "selectedAead", 1)[0];
    const selectedAead = nameOf(AEAD_CODES, code) ??
      fail(`AEAD ${code} is unknown`);
    if (!found.has(Id.STATELESS_RESET_TOKEN)) {
      return { ...parameters, selectedAead };
    }
    const statelessResetToken = fixed(
      found,
      Id.STATELESS_RESET_TOKEN,
      "statelessResetToken",
      RESET_TOKEN_LENGTH,
    );
    return { ...parameters, selectedAead, statelessResetToken };
  }
  const aeads = Array.from(found.get(Id.AEADS) ?? [])
    .map((code) => nameOf(AEAD_CODES, code))
    .filter((name) => name !== undefined);
  const list = found.get(Id.VERSIONS);
  if (list === undefined) return { ...parameters, aeads };
  if (list.length === 0 || list.length > VERSIONS_MAX) {
    fail(`a list of ${list.length} versions`);
  }
  return { ...parameters, aeads, versions: Array.from(list) };
}
