/**
 * The landing worker: the one place that writes what a peer sent.
 *
 * It may read and write below the target's parent and nothing else: no network,
 * no environment, no processes. It is bundled into `worker_bundle.ts`, so that
 * starting it needs no read permission for its module.
 *
 * @module
 */

import { IoError } from "../../errors.ts";
import { BlobWriter } from "./blob_writer.ts";
import { TreeWriter } from "./tree_writer.ts";
import {
  toWireError,
  type UsedBuffer,
  type WorkerOperation,
  type WorkerOperations,
  type WorkerReply,
  type WorkerRequest,
} from "./worker_protocol.ts";

/** The part of a worker's global scope that is used; it has no types of its own here. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<WorkerRequest>) => void) | null;
  postMessage(message: WorkerReply, transfer: Transferable[]): void;
}

let blob: BlobWriter | undefined;
let tree: TreeWriter | undefined;

function theBlob(): BlobWriter {
  if (blob === undefined) throw new IoError("no file is open");
  return blob;
}

function theTree(): TreeWriter {
  if (tree === undefined) throw new IoError("no tree is open");
  return tree;
}

async function carryOut(
  request: WorkerRequest,
): Promise<WorkerOperations[WorkerOperation]["result"]> {
  switch (request.op) {
    case "open_blob":
      blob = await BlobWriter.create(request);
      return { warnings: blob.warnings };
    case "write_blob":
      theBlob().write(request.piece);
      return usedBuffer(request.piece.bytes);
    case "commit_blob":
      return theBlob().commit(request.size);
    case "open_tree":
      tree = await TreeWriter.create(request);
      return { counts: tree.counts, warnings: tree.warnings };
    case "write_chunks":
      await theTree().writeChunks(request.pieces, request.buffer);
      return usedBuffer(request.buffer);
    case "write_leaf":
      await theTree().writeLeaf(request.piece);
      return usedBuffer(request.piece.bytes);
    case "seal_tree":
      return theTree().seal();
    case "install_tree":
      return theTree().install();
    case "abort":
      blob?.abort();
      tree?.abort();
      return undefined;
  }
}

/** What the main side may fill again: dropped buffers are freed late. */
function usedBuffer(bytes: Uint8Array): UsedBuffer {
  return bytes.buffer instanceof ArrayBuffer ? bytes.buffer : undefined;
}

const scope = globalThis as unknown as WorkerScope;
let turn: Promise<void> = Promise.resolve();

scope.onmessage = ({ data: request }) => {
  turn = turn.then(async () => {
    const { id } = request;
    try {
      const result = await carryOut(request);
      const buffers = result instanceof ArrayBuffer ? [result] : [];
      scope.postMessage({ id, ok: true, result }, buffers);
    } catch (error) {
      scope.postMessage({ id, ok: false, error: toWireError(error) }, []);
    }
  });
};
