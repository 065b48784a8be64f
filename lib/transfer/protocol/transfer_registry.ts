/**
 * The transfers that run on a node, by id: what `ls`, `status` and `cancel`
 * show and end.
 */

import { TransferCancelledError } from "./transfer_error.ts";

/** Which way the content of a transfer goes, as this node sees it. */
export type TransferDirection = "fetching" | "serving";

/** One running request for content. */
export interface TransferRow {
  /** 2^61 plus a counter, unique in its process. */
  readonly transferId: bigint;
  /** Whether this node gets the content or gives it. */
  readonly direction: TransferDirection;
  /** Node id of the other end: the holder, or the peer that is served. */
  readonly peer: bigint;
  /** BLAKE3 of the chunk; of the first one when several are asked for at once. */
  readonly hash: Uint8Array;
  /** Bytes that have come, or gone, so far. */
  readonly bytesReceived: number;
  /** Bytes in the end, once that is known. */
  readonly totalBytes?: number;
}

/** The handle by which a registered transfer is kept up to date. */
export interface RegisteredTransfer {
  /** Notes bytes so far and, once known, in the end. */
  update(bytesReceived: number, totalBytes?: number): void;
  /** Takes the row out. */
  end(): void;
}

/** What is known of a transfer besides its peer and its hash. */
export interface BeginTransferOptions {
  /**
   * Which way it goes.
   *
   * @default {"fetching"}
   */
  direction?: TransferDirection;
  /**
   * Tells whether the principal with a key, and no other, caused it.
   *
   * @default {no principal did}
   */
  isOwnedBy?: (publicKey: Uint8Array) => boolean;
}

interface Entry {
  row: TransferRow;
  cancel: (reason: TransferCancelledError) => void;
  isOwnedBy: (publicKey: Uint8Array) => boolean;
}

const FIRST_ID = 1n << 61n;

/** Lists running transfers and cancels them by id. */
export class TransferRegistry {
  #entries: Map<bigint, Entry> = new Map();
  #counter = 0n;

  /**
   * Adds a transfer.
   *
   * @param peer Node id of the other end.
   * @param hash What is transferred, 32 bytes.
   * @param cancel Ends it with the given reason.
   */
  begin(
    peer: bigint,
    hash: Uint8Array,
    cancel: (reason: TransferCancelledError) => void,
    options: BeginTransferOptions = {},
  ): RegisteredTransfer {
    const { direction = "fetching", isOwnedBy = () => false } = options;
    const transferId = FIRST_ID + ++this.#counter;
    const fixed = { transferId, direction, peer, hash };
    const entry: Entry = {
      row: { ...fixed, bytesReceived: 0 },
      cancel,
      isOwnedBy,
    };
    this.#entries.set(transferId, entry);
    return {
      update: (bytesReceived, totalBytes = entry.row.totalBytes) => {
        entry.row = { ...fixed, bytesReceived, totalBytes };
      },
      end: () => this.#entries.delete(transferId),
    };
  }

  /**
   * The running transfers, oldest first.
   *
   * @param direction Only those that go this way.
   */
  list(direction?: TransferDirection): TransferRow[] {
    const rows = [...this.#entries.values()].map((entry) => entry.row);
    if (direction === undefined) return rows;
    return rows.filter((row) => row.direction === direction);
  }

  /** One running transfer, or `undefined` when no transfer has that id. */
  status(transferId: bigint): TransferRow | undefined {
    return this.#entries.get(transferId)?.row;
  }

  /** Whether a transfer runs and the principal with a key alone caused it. */
  isOwnedBy(transferId: bigint, publicKey: Uint8Array): boolean {
    return this.#entries.get(transferId)?.isOwnedBy(publicKey) ?? false;
  }

  /**
   * Ends a transfer, and with it the download that it belongs to.
   *
   * @returns Whether there was one of that id.
   */
  cancel(transferId: bigint): boolean {
    const entry = this.#entries.get(transferId);
    if (!entry) return false;
    this.#entries.delete(transferId);
    entry.cancel(
      new TransferCancelledError(`transfer ${transferId} was cancelled`),
    );
    return true;
  }
}
