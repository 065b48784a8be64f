/**
 * The transfer protocol and its two ends: a holder that answers requests for
 * chunks, and fetches that turn a reference into a file, a stream or a
 * directory.
 *
 * Goals: every byte is verified before it is used; memory is bounded on both
 * ends whatever the other does; many small files cost no round trip each; a
 * failure says which chunk of which file, and whose fault it was.
 *
 * Not its matter: how a session is encrypted and carried (`mesh`), where
 * chunks lie (`store`), how files are written (`landing`).
 *
 * @module
 */

export { ChunkUnavailableError } from "./protocol/transfer_error.ts";
export { callRpc, type CallRpcOptions } from "./ask/call_rpc.ts";
export type { ChunkFetcherOptions } from "./ask/chunk_fetcher.ts";
export {
  fetchBlob,
  type FetchBlobOptions,
  type FetchBlobResult,
} from "./fetch/fetch_blob.ts";
export type { FetchOptions } from "./fetch/fetch_options.ts";
export {
  fetchBlobStream,
  type FetchBlobStreamOptions,
} from "./fetch/fetch_blob_stream.ts";
export type { PlaceOptions } from "./fetch/chunk_place.ts";
export { fetchDir } from "./fetch/fetch_dir.ts";
export type {
  FetchDirOptions,
  FetchDirResult,
  InstalledDir,
} from "./fetch/fetch_dir_options.ts";
export type { ChunkReader, ReadChunkOptions } from "./sources/chunk_reader.ts";
export type {
  FetchFrom,
  FetchSource,
  SourceEvent,
  SourceReport,
  SourcesOptions,
} from "./sources/fetch_source.ts";
export type { HolderEvent } from "./serve/holder_event.ts";
export type { FailedFile } from "./fetch/lost_files.ts";
export type { OldFileOptions } from "./fetch/old_file.ts";
export { lookAtDir } from "./fetch/look_at_dir.ts";
export { kindWarnings } from "./fetch/kind_warnings.ts";
export {
  type BlobPreview,
  type DirPreview,
  type FetchPreview,
  previewBlob,
  type PreviewBlobOptions,
  previewDir,
  type PreviewDirOptions,
  type PreviewOptions,
} from "./fetch/preview_fetch.ts";
export type {
  FetchStage,
  FetchTotals,
  ProgressBytes,
  ProgressDone,
  ProgressEvent,
  ProgressFile,
  ProgressStageEvent,
  ProgressStart,
  ProgressStopped,
} from "./fetch/progress.ts";
export {
  cancelTransfer,
  listTransfers,
  type ListTransfersOptions,
  transferStatus,
} from "./ask/query_transfers.ts";
export {
  askSeenAddress,
  lookAtPath,
  probeDownload,
  type ProbedRate,
  type ProbeRateOptions,
  probeUpload,
} from "./ask/probe_path.ts";
export { askContentName, tellFetched } from "./ask/ask_share.ts";
export { CONTENT_FETCHED, CONTENT_NAME } from "./protocol/share_query.ts";
export { fetchedProcedure, nameProcedure } from "./serve/share_procedures.ts";
export { limitRates } from "./ask/limit_rates.ts";
export { listDownloads } from "./ask/list_downloads.ts";
export { type DownloadRow, NODE_DOWNLOADS } from "./protocol/download_query.ts";
export {
  downloadProcedure,
  type ServedDownload,
} from "./serve/download_procedure.ts";
export { NODE_RATES } from "./protocol/rate_query.ts";
export { type RatePolicy, rateProcedure } from "./serve/rate_procedure.ts";
export { type ChunkState, CONTENT_CHANGES } from "./protocol/change_query.ts";
export {
  changeProcedure,
  type ChangingContent,
} from "./serve/change_procedure.ts";
export { PATH_PROBE, type PathFigures } from "./protocol/path_probe.ts";
export { probeProcedure } from "./serve/probe_procedure.ts";
export {
  RELAY_RESOLVE,
  relayProcedure,
  resolveRelayed,
} from "./serve/relay_rpc.ts";
export {
  decodeRequest,
  type GetManyRequest,
  type GetRangeRequest,
  type GetRequest,
  type HaveRequest,
  type Request,
  type RpcRequest,
} from "./protocol/request.ts";
export { encodeResponseHeader } from "./protocol/response_header.ts";
export type {
  RepeatedBlock,
  RpcHandler,
  RpcResult,
} from "./serve/rpc_handler.ts";
export {
  type NodeEvent,
  serveNode,
  type ServeNodeOptions,
} from "./serve/serve_node.ts";
export { ServeMemory, type ServeMemoryOptions } from "./serve/serve_memory.ts";
export { type ServeOptions, serveSession } from "./serve/serve_session.ts";
export { StreamErrorCode } from "./protocol/stream_error_code.ts";
export {
  type NamedContent,
  resolveTicketRef,
  ticketContentOf,
} from "./sources/ticket_content.ts";
export {
  TransferCancelledError,
  UnknownProcedureError,
} from "./protocol/transfer_error.ts";
export {
  type Principal,
  type TransferPolicy,
  transferProcedure,
} from "./serve/transfer_policy.ts";
export {
  BLOB_TRANSFERS,
  type TransferList,
} from "./protocol/transfer_query.ts";
export {
  type BeginTransferOptions,
  type RegisteredTransfer,
  type TransferDirection,
  TransferRegistry,
  type TransferRow,
} from "./protocol/transfer_registry.ts";
export type { UpstreamEvent } from "./cache/upstream_event.ts";
export {
  UpstreamStore,
  type UpstreamStoreOptions,
} from "./cache/upstream_store.ts";
