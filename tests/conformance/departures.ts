/**
 * Recorded runs of which our exit code is another, and why. A run that is in no
 * entry ends as it did there.
 */

import { words } from "../../scripts/program.ts";

export interface Departure {
  /** Our exit code. */
  readonly code: number;
  readonly reason: string;
  /** The runs; a name that ends in `*` is the beginning of several. */
  readonly runs: readonly string[];
}

const departure = (
  code: number,
  reason: string,
  runs: string,
): Departure => ({ code, reason, runs: words`${runs.trim().split(/\s+/)}` });

/** All of them. */
export const DEPARTURES: readonly Departure[] = [
  departure(
    0,
    "the first word 'transfer' is ignored, so that every verb and global flag stands behind it and without it",
    "A.transfer-version A.transfer-V-verb A.transfer-version-word A.no-transfer-word",
  ),
  departure(
    0,
    "what stands behind -- is a word, the verb too",
    "A.dashdash-before-verb",
  ),
  departure(
    0,
    "the convention is that any value of NO_COLOR turns colour off, an empty one nothing",
    "A.env-nocolor1 A.env-recv-nocolor1 A.env-nocolor-empty A.env-recv-nocolor-empty",
  ),
  departure(
    0,
    "an empty variable is one that is not set",
    "A.env-config-env-empty A.env-recv-config-env-empty",
  ),
  departure(
    2,
    "a file or profile that was asked for by name must exist",
    "A.env-recv-config-env-missing A.env-recv-profile-env D.missing",
  ),
  departure(
    1,
    "@FILE is a form of its own, and this file cannot be read",
    "B.blob-noattach-at-missing",
  ),
  departure(
    0,
    "the id follows from the public key",
    "C.without-node-id C.without-node-id-json",
  ),
  departure(
    6,
    "host names are looked up; nobody answers at this one",
    "C.addr-host",
  ),
  departure(2, "nobody can be asked at port 0: said at once", "C.addr-port0"),
  departure(
    2,
    "an id that is not of the key needs no question to anybody",
    "C.key-zero C.id-hex C.id-hexup C.id-pad C.id-plus C.id-max C.id-0x+ C.id-zero",
  ),
  departure(
    2,
    "a file with a secret that others can read is refused",
    "D.mode644 E.identity-644",
  ),
  departure(
    0,
    "every attached peer may look unless --admin-list says otherwise; the recorded holder had granted nothing",
    "D.ls-profile F.ls-* F.status-* F.cancel-*",
  ),
  departure(
    2,
    "a target that can be no file is refused before anything is fetched",
    "G.blob-out-slash G.blob-out-slashdir G.blob-out-root",
  ),
  departure(
    0,
    "the current directory has a name in its parent, which is what counts",
    "G.dir-out-dot",
  ),
  departure(
    1,
    "a link in the place of the partial file is never written through",
    "G.blob-out-partial-link",
  ),
  departure(
    0,
    "more than there is counts as all there is; the reference aborts",
    "H.concurrency-max H.concurrency-sem",
  ),
  departure(
    2,
    "a store inside of what is published would be published with the next run",
    "K.store-inside K.store-inside-exists K.store-is-source",
  ),
];

/** Which departure a run has, if any. */
export function departureOf(id: string): Departure | undefined {
  return DEPARTURES.find(({ runs }) =>
    runs.some((name) =>
      name.endsWith("*") ? id.startsWith(name.slice(0, -1)) : id === name
    )
  );
}
