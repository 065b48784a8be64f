/**
 * Everything the reference (net-mesh v0.27.0) lets an operator or a script
 * observe of a transfer, by the part of it that shows it, and the rows that
 * look at it. A row that is in no list, and a list without a row, fail.
 */

/** One part of the observable behaviour. */
export interface Behaviour {
  /** What is observed. */
  readonly behaviour: string;
  /** Ids of the rows that look at it. */
  readonly rows: readonly string[];
}

const list = (
  where: string,
  behaviours: Readonly<Record<string, string>>,
): Behaviour[] =>
  Object.entries(behaviours).map(([behaviour, rows]) => ({
    behaviour: `${where}: ${behaviour}`,
    rows: rows.split(" "),
  }));

/** All of it. */
export const CONTRACT: readonly Behaviour[] = [
  ...list("cli/tests/transfer_cli_blob.rs", {
    "a blob of one chunk": "blob-single-chunk",
    "a blob of several chunks": "blob-multi-chunk",
    "content that is not held": "blob-not-held",
    "send-blob of a file": "blob-send-small",
    "a reference that is no hex": "exit-bad-reference",
    "no target to attach to": "exit-no-attach",
    "send-blob of several chunks": "blob-send-large blob-send-fields",
    "send-blob of stdin": "blob-send-stdin blob-send-empty",
    "staged, served, fetched": "blob-stage-serve-fetch blob-send-stages",
  }),
  ...list("cli/tests/transfer_cli_dir.rs", {
    "six files in nested directories": "dir-six-files",
    "a large leaf beside a small file": "dir-big-leaf",
    "the same reference as an independent store": "dir-send-same-reference",
  }),
  ...list("cli/tests/transfer_cli_admin.rs", {
    "an idle holder": "admin-ls-idle admin-status-unknown admin-cancel-unknown",
    "ls without a target": "admin-ls-no-attach",
    "an id that is none": "admin-status-bad-id",
  }),
  ...list("ls, status, cancel", {
    "ids": "admin-id-decimal admin-cancel-bad-id admin-status-no-id",
    "no target to attach to": "admin-status-no-attach",
    "formats": "admin-ls-ndjson admin-ls-yaml admin-text",
  }),
  ...list("cli/tests/exit_codes.rs", {
    "0: version": "exit-version",
    "1: identity show of a missing file": "exit-no-identity",
    "2: unknown flag": "exit-unknown-flag",
    "2: unknown subcommand": "exit-unknown-verb",
  }),
  ...list("cli/tests/help.rs", {
    "--help and the help of each command": "help-pages",
    "--version": "help-version-flag",
    "the fields of version": "help-version-fields",
  }),
  ...list("cli/tests/aggregator_remote.rs", {
    "attach without a public key": "exit-half-attach",
    "a public key that is none": "exit-bad-pubkey",
  }),
  ...list("unit tests of cli/src", {
    "reference parsing": "ref-bare-hash ref-encoded ref-refused",
    "references on the command line": "ref-encoded-prefixes ref-chunk-tree",
    "relay hint": "output-relay-hint",
    "a flag beats the profile": "config-flag-wins",
    "integer parsing": "number-grammar",
    "key parsing": "key-grammar",
    "duration grammar": "duration-units duration-refused",
    "exit-code numbers": "exit-code-numbers",
    "explicit format wins": "output-explicit-wins",
  }),
  ...list("tests/dir_transfer.rs", {
    "nested directories, four sizes, an empty directory": "dir-mixed",
    "200 small files in 12 directories": "dir-many-small",
    "six files of 4 MiB at concurrency 16": "dir-six-large",
    "9 MiB and a sibling": "dir-big-leaf",
    "a second fetch into the same target": "dir-second-fetch",
    "../escape.txt into an existing target": "swap-escape-present",
    "../escape.txt into an absent target": "swap-escape-absent",
    "two fetches into sibling targets": "dir-side-by-side",
    "safe join": "dir-safe-join",
    "a manifest round-trips": "dir-manifest-round-trip",
  }),
  ...list("exit 2", {
    "missing --out": "exit-missing-out",
    "--node-addr": "exit-bad-address",
    "--node-id": "exit-bad-node-id",
    "--psk-hex": "exit-bad-psk",
    "--from": "exit-from-bad",
    "a reference of no characters": "exit-ready-reference-empty",
    "incomplete attach": "exit-half-attach exit-psk-only",
    "profile attach value": "exit-bad-profile-value",
    "endpoint": "exit-bad-endpoint",
    "malformed identity": "exit-bad-identity",
    "send-dir of no directory":
      "exit-send-dir-of-file exit-send-dir-of-nothing",
    "a shell that is none": "exit-unknown-shell",
  }),
  ...list("exit 1", {
    "identity file missing": "exit-identity-missing",
    "source open": "exit-send-blob-of-nothing",
    "store mkdir": "exit-store-mkdir",
    "out parent mkdir": "exit-out-parent",
    "partial file": "exit-partial-create partial-parent-read-only",
    "final rename": "partial-rename-refused partial-out-is-directory",
    "stdout": "output-stdout-closed output-stdout-full",
  }),
  ...list("exit 3", {
    "configuration": "exit-config-unreadable exit-bad-toml",
    "not held": "exit-not-held",
    "a chunk that never comes": "exit-silent-blob exit-silent-tree",
    "hash mismatch": "exit-damaged-blob exit-damaged-tree",
    "a chunk over 16 MiB": "exit-oversized",
    "no session with --from": "exit-from-no-session",
    "bad manifest": "exit-bad-manifest",
    "unsafe path": "exit-unsafe-path",
    "a file system error inside recv-dir": "exit-dir-file-system",
    "reading the source":
      "exit-send-blob-of-dir exit-send-blob-of-dir-as-reference",
    "store error": "exit-store-full",
  }),
  ...list("exit 6", {
    "nobody answers": "exit-handshake-address",
    "wrong PSK": "exit-handshake",
    "wrong key": "exit-handshake-key",
    "wrong id": "exit-handshake-id",
    "refused by the system": "exit-send-refused",
  }),
  ...list("failures", {
    "one line on stderr, stdout empty": "output-failure",
    "with --output json": "failure-json",
  }),
  ...list("the partial file of recv-blob", {
    "bad reference, config, attach":
      "partial-bad-reference partial-bad-config partial-bad-attach",
    "first chunk missing": "partial-first-chunk",
    "later chunk fails": "partial-later-chunk",
    "disk full": "partial-disk-full",
    "rename refused": "partial-rename-refused partial-out-is-directory",
    "signals": "blob-sigint blob-sigterm blob-sigkill",
    "result cannot be printed": "output-stdout-closed",
    "an existing target": "partial-replaces",
    "a left-over partial, a link": "partial-left-over partial-is-link",
    "two runs into one target": "partial-two-runs",
  }),
  ...list("the replacement of recv-dir", {
    "manifest failure": "swap-manifest-not-manifest swap-manifest-version",
    "no final name": "swap-no-final-name",
    "parent cannot be created or written":
      "swap-parent-is-file swap-parent-read-only swap-parent-append-only",
    "unsafe path": "swap-escape-present swap-escape-absent",
    "mkdir error": "swap-mkdir-fails",
    "a file fails": "swap-file-missing swap-disk-full",
    "a link fails": "dir-link-fails",
    "rename into an absent target": "swap-absent-rename-fails",
    "moving aside fails": "swap-mount-point",
    "moving in fails": "swap-move-in-fails swap-restore-fails",
    "deleting the backup fails": "swap-backup-stays",
    "a regular file": "swap-regular-file",
    "a link to a directory": "swap-link-to-directory",
    "a dangling link": "swap-dangling-link",
    "stopped or killed while it grows":
      "dir-sigint dir-sigterm dir-sigkill dir-sigkill-then-again",
    "killed between the renames":
      "swap-killed-between swap-killed-then-refused",
  }),
  ...list("results", {
    "recv-blob": "blob-result-fields blob-to-stdout blob-declared-size",
    "recv-dir": "dir-result-fields",
    "send-dir": "dir-send-fields dir-send-unstaged",
    "formats": "output-formats output-for-people output-lower-case",
    "without --output": "output-piped",
    "numbers of 64 bits": "output-large-numbers",
    "-q": "output-quiet",
    "progress": "output-progress-hidden",
    "no identity": "output-no-identity",
    "completion and manual": "help-completion help-manual",
    "stopping send-dir": "send-dir-sigint send-dir-sigterm",
    "stopping what serves": "serve-sigint serve-sigterm",
  }),
  ...list("metadata", {
    "modes": "dir-file-modes dir-modes dir-setid",
    "links": "dir-links",
    "links that lead out of the tree": "dir-link-leaves",
    "the sticky bit": "dir-sticky",
    "times": "dir-times",
    "hidden files, pipes": "dir-hidden-and-special",
    "order of entries": "dir-sort-order",
    "a path twice": "dir-path-twice",
  }),
  ...list("configuration", {
    "profiles": "config-profile config-no-inheritance config-profiles-default",
    "missing files and profiles":
      "config-default-missing exit-missing-config exit-unknown-profile",
    "unknown keys": "config-unknown-key",
    "permissions": "config-permissions",
    "~": "config-home",
    "NO_COLOR": "exit-no-color",
    "global flags anywhere": "config-idle-flag exit-supervisor-flag",
    "more at once than there can be": "dir-concurrency-limit",
    // The level that the reference's own tests have is one of its verb `log`.
    "a log filter that is none": "exit-bad-log-level",
  }),
  ...list("identities", {
    "the file": "identity-file identity-exists",
    "who may read it": "identity-gate identity-attach-gate",
    "what is shown": "identity-fields",
  }),
];

/** Exit codes of the reference that no row can reach, and why. */
export const UNREACHED_CODES: Readonly<Record<number, string>> = {
  4: "blocked ICE simulation; not of transfers",
  5: "operator policy; not of transfers",
  7: "time-outs are 3 (fetch) and 6 (attach) in the reference, too",
  8: "refused confirmation; not of transfers",
  10: "daemon factory; not of transfers",
  11: "database query; not of transfers",
  12: "database predicate; not of transfers",
  13: "ICE signature; not of transfers",
  14: "type generation; not of transfers",
  17: "identity missing: planned, never built",
  18: "identity unreadable: planned, never built",
  19: "identity malformed: planned, never built",
};
