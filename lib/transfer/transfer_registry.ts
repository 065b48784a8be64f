/**
 * The transfers a node has under way, by id: what `ls`, `status` and `cancel`
 * show and end.
 *
 * @module
 */

import { TransferCancelledError } from "./transfer_error.ts";

/** One request for content that is under way. */
export interface TransferRow {
  /** 2^61 plus a counter, unique in its process. */
  readonly transferId: bigint;
  /** Node id of the holder that is fetched from. */
  readonly peer: bigint;
  /** BLAKE3 of the chunk; of the first one when several are asked for at once. */
  readonly hash: Uint8Array;
  /** Bytes received so far. */
  readonly bytesReceived: number;
  /** Bytes in the end, once that is known. */
  readonly totalBytes?: number;
}

/** The handle of whoever runs a registered transfer. */
export interface RegisteredTransfer {
  /** Notes bytes received so far and, once known, in the end. */
  update(bytesReceived: number, totalBytes?: number): void;
  /** Takes the row out. */
  end(): void;
}

interface Entry {
  row: TransferRow;
  cancel: (reason: TransferCancelledError) => void;
}

const FIRST_ID = 1n << 61n;

/** Lists running transfers and cancels them by id. */
export class TransferRegistry {
  #entries: Map<bigint, Entry> = new Map();
  #counter = 0n;

  /**
   * Adds a transfer.
   *
   * @param peer Node id of the holder.
   * @param hash What is fetched, 32 bytes.
   * @param cancel Ends it with the given reason.
   */
  begin(
    peer: bigint,
    hash: Uint8Array,
    cancel: (reason: TransferCancelledError) => void,
  ): RegisteredTransfer {
    const transferId = FIRST_ID + ++this.#counter;
    const entry: Entry = {
      row: { transferId, peer, hash, bytesReceived: 0 },
      cancel,
    };
    this.#entries.set(transferId, entry);
    return {
      update: (bytesReceived, totalBytes = entry.row.totalBytes) => {
        entry.row = { transferId, peer, hash, bytesReceived, totalBytes };
      },
      end: () => this.#entries.delete(transferId),
    };
  }

  /** Every running transfer, oldest first. */
  list(): TransferRow[] {
    return [...this.#entries.values()].map((entry) => entry.row);
  }

  /** One running transfer, or `undefined` when there is none of that id. */
  status(transferId: bigint): TransferRow | undefined {
    return this.#entries.get(transferId)?.row;
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
