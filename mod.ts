/**
 * Content-addressed transfer of files and directory trees between machines,
 * over encrypted UDP: publish once, fetch from any node that has it.
 *
 * A *holder* listens with {@linkcode Node.listen} and answers from a
 * {@linkcode ChunkStore} with {@linkcode serveNode}. A *fetcher* attaches with
 * {@linkcode Node.attach} and turns a reference into a file
 * ({@linkcode fetchBlob}), a stream ({@linkcode fetchBlobStream}) or a
 * directory ({@linkcode fetchDir}); every byte is verified before it is used.
 *
 * Needs `--unstable-net` (UDP sockets), and `--unstable-worker-options` to
 * write files: the writing is done by a worker that may touch nothing but the
 * directory of the target.
 *
 * @example Serve a directory and fetch it
 * ```ts
 * import {
 *   ephemeralIdentity,
 *   fetchDir,
 *   Node,
 *   serveNode,
 *   SourceStore,
 * } from "@net-transfer/net-transfer";
 *
 * const psk = crypto.getRandomValues(new Uint8Array(32));
 *
 * // One machine:
 * await using store = await SourceStore.of(["./photos"]);
 * await using node = await Node.listen({
 *   address: "127.0.0.1:0", // without it, all interfaces at the default port
 *   psk,
 *   identity: ephemeralIdentity(),
 * });
 * const served = serveNode(node, store);
 *
 * // Another, which was told address, key and reference:
 * await using session = await Node.attach({
 *   address: `127.0.0.1:${node.address.port}`,
 *   publicKey: node.publicKey,
 *   psk,
 * });
 * const { files, bytes } = await fetchDir(session, store.refs[0].ref, "./copy");
 * console.log(`${files} files, ${bytes} bytes`);
 * ```
 *
 * @module
 */

export {
  type BlobRef,
  blobRefSize,
  type ChunkRef,
  decodeBlobRef,
  decodeDirManifest,
  type DirEntry,
  type DirEntryKind,
  type DirManifest,
  encodeBlobRef,
  encodeDirManifest,
  type Encoding,
  type ManifestRef,
  parseRef,
  type SmallRef,
  type TreeRef,
} from "./lib/content/mod.ts";
export { fromHex, toHex } from "./lib/text/hex.ts";
export type { FileIdentity, FileStamp } from "./lib/os/file_identity.ts";
export type { ParentTrust } from "./lib/os/safe_ancestors.ts";
export {
  type CacheRank,
  CacheStore,
  type CacheStoreOptions,
  type ChunkStore,
  CombinedStore,
  type DirStats,
  DiskStore,
  type DiskStoreOptions,
  type FileHashes,
  HashCache,
  type HashCacheOptions,
  MemoryStore,
  type NotCarried,
  type NotCarriedNote,
  type PathFilter,
  type PathType,
  type PublishCounts,
  type PublishedRef,
  type PublishNotesOptions,
  type PublishOptions,
  type PublishProgress,
  type PublishWarning,
  type ReadContext,
  SourceStore,
  type SourceStoreOptions,
  storeBlob,
  type StoredBlob,
  type StoredDir,
  storeDir,
  type StoreDirOptions,
  type WritableChunkStore,
} from "./lib/store/mod.ts";
export {
  type AttachOptions,
  attachOptionsOf,
  type BidiStream,
  type CloseInfo,
  type CongestionAlgorithm,
  decodeTicket,
  DEFAULT_PORT,
  encodeTicket,
  ephemeralIdentity,
  formatIdHex,
  generateIdentity,
  type Identity,
  type IdentityOptions,
  type KeepAttachedEvent,
  type KeepEvent,
  type KeepFailedEvent,
  type KeepHeardEvent,
  type KeepLostEvent,
  type KeepSilentEvent,
  type KeptAttachOptions,
  type ListenOptions,
  loadIdentity,
  type LoadIdentityOptions,
  Node,
  nodeIdOf,
  type NodeRates,
  Relay,
  type RelayAttachedEvent,
  type RelayCarrier,
  type RelayDetachedEvent,
  type RelayedSession,
  type RelayEvent,
  type RelayStats,
  type RemotePeer,
  type Session,
  type SessionKeeping,
  type SessionLoss,
  type SessionStats,
  type SocketAddress,
  type StreamPriority,
  type Ticket,
  type TicketAttachOptions,
  type TicketContent,
  type ViaOptions,
  writeIdentity,
  type WriteIdentityOptions,
} from "./lib/mesh/mod.ts";
export type {
  FormerIdentity,
  LinkPolicy,
  TargetIdentity,
  TreeCounts,
  TreeOptions,
} from "./lib/landing/mod.ts";
export {
  type BeginTransferOptions,
  BLOB_TRANSFERS,
  type BlobPreview,
  type CallRpcOptions,
  cancelTransfer,
  type ChunkFetcherOptions,
  type ChunkReader,
  type DirPreview,
  type FailedFile,
  fetchBlob,
  type FetchBlobOptions,
  type FetchBlobResult,
  fetchBlobStream,
  type FetchBlobStreamOptions,
  fetchDir,
  type FetchDirOptions,
  type FetchDirResult,
  type FetchFrom,
  type FetchOptions,
  type FetchPreview,
  type FetchSource,
  type FetchStage,
  type FetchTotals,
  type GetManyRequest,
  type GetRangeRequest,
  type GetRequest,
  type HaveRequest,
  type HolderEvent,
  type InstalledDir,
  limitRates,
  listTransfers,
  type ListTransfersOptions,
  type NamedContent,
  NODE_RATES,
  type NodeEvent,
  type OldFileOptions,
  PATH_PROBE,
  type PlaceOptions,
  previewBlob,
  type PreviewBlobOptions,
  previewDir,
  type PreviewDirOptions,
  type PreviewOptions,
  type Principal,
  probeProcedure,
  type ProgressBytes,
  type ProgressDone,
  type ProgressEvent,
  type ProgressFile,
  type ProgressStageEvent,
  type ProgressStart,
  type ProgressStopped,
  type RatePolicy,
  rateProcedure,
  type ReadChunkOptions,
  type RegisteredTransfer,
  type RepeatedBlock,
  type Request,
  resolveTicketRef,
  type RpcHandler,
  type RpcRequest,
  type RpcResult,
  ServeMemory,
  type ServeMemoryOptions,
  serveNode,
  type ServeNodeOptions,
  type ServeOptions,
  serveSession,
  type SourceEvent,
  type SourceReport,
  type SourcesOptions,
  StreamErrorCode,
  ticketContentOf,
  TransferCancelledError,
  type TransferDirection,
  type TransferList,
  type TransferPolicy,
  transferProcedure,
  TransferRegistry,
  type TransferRow,
  transferStatus,
  type UpstreamEvent,
  UpstreamStore,
  type UpstreamStoreOptions,
} from "./lib/transfer/mod.ts";
export {
  ConfigError,
  type ErrorField,
  type ErrorKind,
  ExistsError,
  HandshakeError,
  HashMismatchError,
  IoError,
  ManifestError,
  NotFoundError,
  PeerClosedError,
  PermissionError,
  ProtocolError,
  RefError,
  StoreError,
  StreamResetError,
  TimeoutError,
  TransferError,
  type TransferErrorOptions,
  UnsafePathError,
  UsageError,
} from "./lib/errors.ts";
