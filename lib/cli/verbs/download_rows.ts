/** What `ls` shows people: one row for each download, whichever way it goes. */

import { escapeText } from "../../text/escape.ts";
import type { DownloadRow, TransferRow } from "../../transfer/mod.ts";
import { type Fields, Id } from "../framework/output/report.ts";
import { formatTable } from "../framework/output/table.ts";
import { formatBytes, formatRate } from "../../text/human.ts";
import type { Paint } from "../framework/terminal/paint.ts";

/** A download of either direction. */
export interface Download extends Omit<DownloadRow, "sinceMs" | "address"> {
  readonly direction: "fetching" | "serving";
  readonly address?: string;
  /** Bytes per second since it began, where that is known. */
  readonly rate?: number;
}

function served({ sinceMs, address, ...row }: DownloadRow): Download {
  return {
    ...row,
    direction: "serving",
    ...(address !== "" && { address }),
    ...(sinceMs > 0 && { rate: row.bytes / sinceMs * 1000 }),
  };
}

/** What is fetched of one node by and by is one download. */
function fetched(rows: readonly TransferRow[]): Download[] {
  const groups = Map.groupBy(
    rows.filter(({ direction }) => direction === "fetching"),
    ({ peer }) => peer,
  );
  return [...groups].map(([peer, rows]) => {
    const totals = rows.map(({ totalBytes }) => totalBytes)
      .filter((total) => total !== undefined);
    const sum = (sizes: readonly number[]) => sizes.reduce((a, b) => a + b, 0);
    return {
      direction: "fetching",
      peer,
      bytes: sum(rows.map(({ bytesReceived }) => bytesReceived)),
      ...(totals.length === rows.length && { totalBytes: sum(totals) }),
    };
  });
}

/**
 * One row for each download.
 *
 * @param serving What the node says that it serves; nothing when it cannot say.
 */
export function downloadsOf(
  chunks: readonly TransferRow[],
  serving: readonly DownloadRow[] = [],
): Download[] {
  return [...fetched(chunks), ...serving.map(served)];
}

/** The rows for programs. */
export function downloadFields(
  { direction, name, peer, address, bytes, totalBytes, rate }: Download,
): Fields {
  return {
    direction,
    name,
    peer: new Id(peer),
    address,
    bytes,
    total_bytes: totalBytes,
    rate_bytes_s: rate === undefined ? undefined : Math.round(rate),
  };
}

function percentOf({ bytes, totalBytes = 0 }: Download): string {
  if (totalBytes === 0) return "-";
  return `${Math.min(100, Math.floor(100 * bytes / totalBytes))}%`;
}

/** The rows for people, escaped. */
export function downloadsPage(
  downloads: readonly Download[],
  paint: Paint,
): string {
  if (downloads.length === 0) return "no downloads";
  const rows = downloads.map((download) => {
    const { direction, name, bytes, rate, peer, address } = download;
    const way = direction === "fetching" ? "from" : "to";
    return {
      percent: percentOf(download).padStart(4),
      sent: formatBytes(bytes).padStart(8),
      rate: (rate === undefined ? "-" : formatRate(rate)).padStart(10),
      name: name ?? "-",
      peer: `${way} ${address ?? `node ${peer}`}`,
    };
  });
  return formatTable({ downloads: rows }, paint.strong)
    .split("\n").slice(1).map((line) => line.slice(2)).join("\n");
}

/** The same as one line. */
export function downloadsLine(downloads: readonly Download[]): string {
  return downloads.map((download) => {
    const { name = "chunks", direction, address, peer } = download;
    const way = direction === "fetching" ? "from" : "to";
    const share = percentOf(download);
    const how = share === "-" ? formatBytes(download.bytes) : share;
    return `${how} of ${escapeText(name)} ${way} ${address ?? `node ${peer}`}`;
  }).join("; ");
}
