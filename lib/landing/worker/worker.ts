/**
 * The landing worker: the one place that writes what a peer sent.
 *
 * It may read and write below the target's parent and nothing else: no network,
 * no environment, no processes. It is bundled into `worker_bundle.ts`, so that
 * starting it needs no read permission for its module.
 */

import { TransferError } from "../../errors.ts";
import { BlobWriter } from "./blob_writer.ts";
import { TreeWriter } from "./tree_writer.ts";
import {
  handOver,
  toWireError,
  type WorkerOperation,
  type WorkerOperations,
  type WorkerReply,
  type WorkerRequest,
} from "./worker_protocol.ts";

/**
 * The part of a worker's global scope that is used; it has no types of its own
 * here.
 */
interface WorkerScope {
  onmessage: ((event: MessageEvent<WorkerRequest>) => void) | null;
  postMessage(message: WorkerReply, transfer: Transferable[]): void;
}

let blob: BlobWriter | undefined;
let tree: TreeWriter | undefined;

function opened<T>(writer: T | undefined): T {
  if (writer !== undefined) return writer;
  throw new TransferError("internal", "the landing is not open");
}

async function carryOut(
  request: WorkerRequest,
): Promise<WorkerOperations[WorkerOperation]["result"]> {
  switch (request.op) {
    case "open_blob":
      blob = await BlobWriter.create(request);
      return { warnings: blob.warnings, found: blob.found };
    case "measure_blob":
      return opened(blob).measure();
    case "check_blob":
      return opened(blob).check(request.ranges);
    case "write_blob":
      opened(blob).write(request.range);
      // The main side may fill it again: dropped buffers are freed late.
      return handOver(request.range.bytes)[0];
    case "commit_blob":
      return opened(blob).commit(request.size);
    case "open_tree":
      tree = await TreeWriter.create(request);
      return {
        counts: tree.counts,
        warnings: tree.warnings,
        hasRemovals: tree.hasRemovals,
        takenOver: tree.takenOver,
        root: tree.path,
      };
    case "check_tree":
      return opened(tree).check(request.ranges);
    case "write_chunks":
      opened(tree).writeChunks(request.chunks, request.buffer);
      return handOver(request.buffer)[0];
    case "write_leaf":
      opened(tree).writeLeaf(request.leaf);
      return handOver(request.leaf.bytes)[0];
    case "link_old":
      return opened(tree).linkOld(request.from, request.rows);
    case "clone_old":
      return opened(tree).cloneOld(request.from, request.rows);
    case "adopt":
      return opened(tree).adopt(request.entry);
    case "leave_out":
      return opened(tree).leaveOut(request.entries);
    case "seal_tree":
      return opened(tree).seal();
    case "prepare_install":
      return opened(tree).prepare(request.lackingLinks);
    case "install_tree":
      return opened(tree).install();
    case "remove_superseded":
      return opened(tree).removeSuperseded();
    case "remove_some":
      return opened(tree).remove(request.ms, request.mountless);
    case "count_rest":
      return opened(tree).countRest();
    case "end_tree":
      return opened(tree).end();
    case "abort":
      return blob?.abort() ?? tree?.abort(request.keep);
  }
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
