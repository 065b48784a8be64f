/** What `verify` found, for programs and for people. */

import type {
  BlobVerdict,
  ByteRange,
  DirVerdict,
  EntryDifference,
  StoreVerdict,
} from "../../store/mod.ts";
import { escapeText } from "../../text/escape.ts";
import { formatBytes } from "../../text/human.ts";
import type { Fields, LineReport } from "../framework/output/report.ts";
import { plural } from "../stores/named_store.ts";

/** So many rows are shown to people; programs get all. */
const ROWS_SHOWN = 50;

/** Where the manifest came from that a tree was held against. */
export type ManifestOrigin = "file" | "store" | "fetch";

function page(line: string, rows: readonly string[]): string {
  const shown = rows.slice(0, ROWS_SHOWN).map((row) => `  ${row}`);
  const more = rows.length - shown.length;
  return [
    line,
    ...shown,
    ...(more > 0 ? [`  and ${more} more: --output json lists all`] : []),
  ].map(escapeText).join("\n");
}

/** A line, and below it what is wrong. */
function listing(
  fields: Fields,
  line: string,
  rows: readonly string[],
): LineReport {
  return { fields, text: () => line, page: () => page(line, rows) };
}

function rangeFields(ranges: readonly ByteRange[]): Fields[] {
  return ranges.map(({ offset, length }) => ({ offset, length }));
}

function describeRange({ offset, length }: ByteRange): string {
  return `${length} bytes at ${offset}`;
}

/** Says of a file what is wrong with it. */
export function describeBlob(
  { bytes, expectedBytes, ranges }: BlobVerdict,
): string {
  const wanted = expectedBytes ?? BigInt(bytes);
  const short = wanted - BigInt(bytes);
  const parts = [];
  if (short > 0n) parts.push(`${short} bytes too short`);
  if (short < 0n) parts.push(`${-short} bytes too long`);
  if (ranges !== undefined && ranges.length > 0) {
    const { length } = ranges;
    parts.push(length === 1 ? "1 chunk differs" : `${length} chunks differ`);
  }
  return parts.length === 0 ? "its content differs" : parts.join(", ");
}

export function blobReport(path: string, verdict: BlobVerdict): LineReport {
  const { isRight, bytes, expectedBytes, ranges, isChanging } = verdict;
  const fields = {
    path,
    kind: "blob",
    ok: isRight,
    bytes,
    expected_bytes: expectedBytes,
    changed: isChanging ? 1 : undefined,
    chunks_differing: ranges?.length,
    ranges: ranges && rangeFields(ranges),
  };
  const line = isRight
    ? `${path}: right (${formatBytes(bytes)})`
    : `${path}: ${describeBlob(verdict)}`;
  return listing(fields, line, (ranges ?? []).map(describeRange));
}

function describeDifference(difference: EntryDifference): string {
  const { path, differs, expected, found, ranges, reason } = difference;
  const about = [];
  if (expected !== undefined && found !== undefined) {
    about.push(`${found}, not ${expected}`);
  }
  if (ranges !== undefined) about.push(plural(ranges.length, "chunk"));
  if (reason !== undefined) about.push(reason);
  const told = about.length === 0 ? "" : ` (${about.join("; ")})`;
  return `${differs.padEnd("unreadable".length)}  ${path}${told}`;
}

function differenceFields(difference: EntryDifference): Fields {
  const { path, differs, expected, found, ranges, reason } = difference;
  return {
    path,
    differs,
    expected,
    found,
    ranges: ranges && rangeFields(ranges),
    reason,
  };
}

/** What else is to be said of a tree. */
export interface TreeFacts {
  readonly manifest?: ManifestOrigin;
  readonly comparesModes: boolean;
}

export function dirReport(
  path: string,
  verdict: DirVerdict,
  { manifest, comparesModes }: TreeFacts,
): LineReport {
  const { isRight, files, dirs, symlinks, bytes, unchecked } = verdict;
  const { differences } = verdict;
  const fields = {
    path,
    kind: "dir",
    ok: isRight,
    files,
    dirs,
    symlinks,
    bytes,
    manifest,
    modes_compared: comparesModes,
    unchecked,
    differences: differences.length,
    entries: differences.map(differenceFields),
  };
  const line = isRight
    ? `${path}: right (${plural(files, "file")}, ${formatBytes(bytes)})`
    : `${path}: ${plural(differences.length, "difference")}`;
  return listing(fields, line, differences.map(describeDifference));
}

/** Of a tree that is not the one, where nothing tells what differs. */
export function unknownDirReport(path: string): LineReport {
  const fields = { path, kind: "dir", ok: false };
  return listing(fields, `${path}: differs from the reference`, []);
}

export function storeReport(path: string, verdict: StoreVerdict): LineReport {
  const { chunks, bytes, empty, problems } = verdict;
  const countOf = (kind: string) =>
    problems.filter(({ problem }) => problem === kind).length;
  const fields = {
    store: path,
    ok: problems.length === 0,
    chunks,
    bytes,
    empty,
    damaged: countOf("damaged"),
    unreadable: countOf("unreadable"),
    foreign: countOf("foreign"),
    problems: problems.map(({ name, problem, reason }) => ({
      name,
      problem,
      reason,
    })),
  };
  const right = `${plural(chunks, "chunk")} of ${formatBytes(bytes)} right`;
  const wrong = problems.length === 0
    ? ""
    : `, ${plural(problems.length, "problem")}`;
  const rows = problems.map(({ name, problem, reason }) =>
    `${problem.padEnd("unreadable".length)}  ${name} (${reason})`
  );
  return listing(fields, `${path}: ${right}${wrong}`, rows);
}
