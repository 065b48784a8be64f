/**
 * The little of XML that S3 answers with. What is wanted of it are names of 64
 * hexadecimal digits, numbers and codes, each the only text of its element: they
 * are looked for as they are written, so that nothing else of XML (entities of
 * its own, say) can do anything.
 */

/** A page of a listing of objects. */
export interface ListingPage {
  /** Chunks, by the hash in their names. */
  readonly chunks: readonly ListedChunk[];
  /** Asks for the next page; nothing after the last. */
  readonly next?: string;
}

/** A chunk as it is listed. */
export interface ListedChunk {
  /** 64 hexadecimal digits. */
  readonly hex: string;
  /** Length in bytes. */
  readonly bytes: number;
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  apos: "'",
  gt: ">",
  lt: "<",
  quot: '"',
};

/** The text of the first element of a name. */
export function elementText(xml: string, name: string): string | undefined {
  const open = `<${name}>`;
  const start = xml.indexOf(open);
  if (start < 0) return undefined;
  const end = xml.indexOf("<", start + open.length);
  if (end < 0) return undefined;
  return xml.slice(start + open.length, end).replace(
    /&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(amp|apos|gt|lt|quot));/gi,
    (all, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return ENTITIES[name.toLowerCase()];
      const code = parseInt(decimal ?? hex ?? "", decimal ? 10 : 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : all;
    },
  );
}

/** Whether it is an answer to a request for a listing. */
export function isListing(xml: string): boolean {
  return xml.includes("<ListBucketResult");
}

/** Reads a page of `ListObjectsV2`; names that are no chunks are left out. */
export function parseListing(xml: string): ListingPage {
  const chunks: ListedChunk[] = [];
  for (const content of xml.split("<Contents>").slice(1)) {
    const hex = /\/?blob\/([0-9a-f]{64})<\/Key>/.exec(content)?.[1];
    const size = elementText(content, "Size");
    if (hex === undefined || !/^[0-9]{1,15}$/.test(size ?? "")) continue;
    chunks.push({ hex, bytes: Number(size) });
  }
  const isLast = elementText(xml, "IsTruncated") !== "true";
  const next = elementText(xml, "NextContinuationToken");
  return { chunks, ...(!isLast && next !== undefined && { next }) };
}
