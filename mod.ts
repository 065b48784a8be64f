/**
 * Content-addressed transfer of files and directory trees between machines,
 * over encrypted UDP: publish once, fetch from whoever holds it.
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
 * await using node = await Node.listen({ psk, identity: ephemeralIdentity() });
 * const served = serveNode(node, store);
 *
 * // Another, which was told address, key and reference:
 * await using session = await Node.attach({
 *   address: `localhost:${node.address.port}`,
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
  fromHex,
  type ManifestRef,
  parseRef,
  type SmallRef,
  toHex,
  type TreeRef,
} from "./lib/content/mod.ts";
export {
  type ChunkStore,
  CombinedStore,
  type DirStats,
  DiskStore,
  type DiskStoreOptions,
  MemoryStore,
  type PublishedRef,
  type PublishOptions,
  type PublishProgress,
  type SourceEntry,
  SourceStore,
  type SourceStoreOptions,
  storeBlob,
  type StoredBlob,
  type StoredDir,
  storeDir,
  type StoreDirOptions,
  type WalkOptions,
  type WritableChunkStore,
} from "./lib/store/mod.ts";
export {
  type AttachOptions,
  type BidiStream,
  type CloseInfo,
  DEFAULT_PORT,
  ephemeralIdentity,
  type Identity,
  type ListenOptions,
  loadIdentity,
  Node,
  nodeIdOf,
  type RemotePeer,
  type Session,
  type SessionStats,
  type SocketAddress,
  type StreamPriority,
  writeIdentity,
} from "./lib/mesh/mod.ts";
export {
  generateIdentity,
  type IdentityOptions,
  type LoadIdentityOptions,
  type WriteIdentityOptions,
} from "./lib/mesh/identity.ts";
export type { LinkPolicy } from "./lib/landing/mod.ts";
export {
  fetchBlob,
  type FetchBlobOptions,
  type FetchBlobResult,
  fetchBlobStream,
  fetchDir,
  type FetchDirOptions,
  type FetchDirResult,
  type FetchOptions,
  type GetManyRequest,
  type GetRangeRequest,
  type GetRequest,
  type HaveRequest,
  type HolderAnsweredEvent,
  type HolderEvent,
  type HolderFailedEvent,
  type HolderRequestEvent,
  type HolderSentEvent,
  type HolderStoreErrorEvent,
  type NodeEvent,
  type PeerAttachedEvent,
  type PeerDetachedEvent,
  type PeerFailedEvent,
  type ProgressBytes,
  type ProgressDone,
  type ProgressEvent,
  type ProgressFile,
  type ProgressStart,
  type RegisteredTransfer,
  type Request,
  type RpcHandler,
  type RpcRequest,
  serveNode,
  type ServeNodeOptions,
  type ServeOptions,
  serveSession,
  StreamErrorCode,
  TransferCancelledError,
  TransferRegistry,
  type TransferRow,
} from "./lib/transfer/mod.ts";
export {
  ConfigError,
  type ErrorField,
  type ErrorKind,
  HandshakeError,
  HashMismatchError,
  LandingError,
  ManifestError,
  NotFoundError,
  PeerClosedError,
  PermissionError,
  RefError,
  StoreError,
  StreamResetError,
  TimeoutError,
  TransferError,
  type TransferErrorOptions,
  UnsafePathError,
  UsageError,
} from "./lib/errors.ts";
