/**
 * UTF-8 as the content formats need it: strict where data is read, lossy where
 * names of the local system are written, the byte order mark kept in both.
 *
 * @module
 */

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const lossy = new TextDecoder("utf-8", { ignoreBOM: true });

/** Up to this length a loop is faster than a call of the decoder. */
const SHORT = 64;

/**
 * Decodes well-formed UTF-8: no surrogates, no overlong forms; a leading U+FEFF
 * is data.
 *
 * @returns `undefined` when the bytes are not well-formed.
 */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  if (bytes.length <= SHORT) {
    const text = decodeAscii(bytes);
    if (text !== undefined) return text;
  }
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}

/**
 * Decodes bytes that may not be UTF-8, such as the names of a file system: each
 * maximal ill-formed part becomes one U+FFFD (WHATWG Encoding, Unicode §3.9).
 */
export function decodeUtf8Lossy(bytes: Uint8Array): string {
  return lossy.decode(bytes);
}

/**
 * Says where and why bytes are not well-formed UTF-8, in the words of Rust's
 * `Utf8Error`.
 *
 * @param bytes Ill-formed UTF-8.
 */
export function describeUtf8Fault(bytes: Uint8Array): string {
  let at = 0;
  while (at < bytes.length) {
    const { need, low, high } = sequenceAfter(bytes[at]);
    let have = 0;
    while (have < need && at + 1 + have < bytes.length) {
      const byte = bytes[at + 1 + have];
      const fits = have === 0
        ? byte >= low && byte <= high
        : (byte & 0xc0) === 0x80;
      if (!fits) break;
      have++;
    }
    if (need >= 0 && have === need) {
      at += 1 + need;
    } else if (need > 0 && at + 1 + have === bytes.length) {
      return `incomplete utf-8 byte sequence from index ${at}`;
    } else {
      return `invalid utf-8 sequence of ${1 + have} bytes from index ${at}`;
    }
  }
  return "well-formed utf-8";
}

/** What may follow a lead byte (Unicode table 3-7); `need` is −1 if nothing may. */
function sequenceAfter(
  lead: number,
): { need: number; low: number; high: number } {
  if (lead < 0x80) return { need: 0, low: 0, high: 0 };
  if (lead < 0xc2 || lead > 0xf4) return { need: -1, low: 0, high: 0 };
  if (lead < 0xe0) return { need: 1, low: 0x80, high: 0xbf };
  if (lead === 0xe0) return { need: 2, low: 0xa0, high: 0xbf };
  if (lead === 0xed) return { need: 2, low: 0x80, high: 0x9f };
  if (lead < 0xf0) return { need: 2, low: 0x80, high: 0xbf };
  if (lead === 0xf0) return { need: 3, low: 0x90, high: 0xbf };
  if (lead === 0xf4) return { need: 3, low: 0x80, high: 0x8f };
  return { need: 3, low: 0x80, high: 0xbf };
}

function decodeAscii(bytes: Uint8Array): string | undefined {
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] >= 0x80) return undefined;
  }
  return Reflect.apply(String.fromCharCode, undefined, bytes);
}
