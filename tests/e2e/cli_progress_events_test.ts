/** Progress as programs read it, and as it is kept from those who do not. */

import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { type Finished, words } from "../../scripts/program.ts";
import { cli, runCli, SOME_KEY, startHolder, test } from "../support/cli.ts";

const MIB = 2 ** 20;

const DOCUMENTATION = await Deno.readTextFile(
  new URL("../../docs/scripting.md", import.meta.url),
);

/** An event; every field but the first may be missing. */
interface Event {
  event: string;
  bytes?: number;
  total_bytes?: number;
  files?: number;
  total_files?: number;
  rate_bytes_s?: number;
  eta_secs?: number;
  path?: string;
  duration_secs?: number;
}

/** The fields of the events that docs/scripting.md names. */
function documentedFields(): Set<string> {
  const [, section] = DOCUMENTATION.split("\n## Progress events\n");
  const [own] = section.split("\n## ");
  return new Set([...own.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name));
}

/** Reads lines that are all events and checks what holds of every sequence. */
function readEvents(stderr: string, last = "done"): Event[] {
  const events: Event[] = stderr.trimEnd().split("\n")
    .map((line) => JSON.parse(line));
  const documented = documentedFields();
  for (const event of events) {
    for (const name of Object.keys(event)) assert(documented.has(name), name);
  }
  const names = events.map(({ event }) => event);
  assertEquals(names[0], "start", stderr);
  assertEquals(names.at(-1), last, stderr);
  // On a busy machine a holder may be silent for a while.
  const between = ["progress", "stage", "lost", "attached"];
  assert(names.slice(1, -1).every((name) => between.includes(name)), stderr);
  const bytes = events.map((event) => event.bytes ?? 0);
  assertEquals(bytes, bytes.toSorted((a, b) => a - b));
  const ended = events.at(-1)?.duration_secs;
  assert(ended !== undefined && ended >= 0);
  return events;
}

const JSON_EVENTS = words`--progress json --output ndjson`;

function succeeded({ code, stdout, stderr }: Finished): Event[] {
  assertEquals(code, 0, stderr);
  assertEquals(stdout.trimEnd().split("\n").length, 1);
  return readEvents(stderr);
}

/** The first and the last event without what depends on the clock. */
function ends(events: readonly Event[]): Event[] {
  const { duration_secs: _, ...last } = events[events.length - 1];
  return [events[0], last];
}

test(
  "publishers tell sizes as far as they are known, bytes and files",
  async (dir) => {
    const tree = await dir.tree("tree", {
      nine: new Uint8Array(9 * MIB),
      one: new Uint8Array(MIB),
    });
    const file = join(tree, "nine");

    const known = { total_bytes: 9 * MIB };
    const blob = await cli`send-blob ${file} --quiet ${JSON_EVENTS}`;
    assertEquals(ends(succeeded(blob)), [
      { event: "start", ...known },
      { event: "done", bytes: 9 * MIB, ...known },
    ]);

    const stream = await runCli(words`send-blob - ${JSON_EVENTS}`, {
      stdin: new Uint8Array(5 * MIB),
    });
    assertEquals(ends(succeeded(stream)), [
      { event: "start" },
      { event: "done", bytes: 5 * MIB },
    ]);

    const sizes = { total_bytes: 10 * MIB, total_files: 2 };
    const whole = await cli`send-dir ${tree} ${JSON_EVENTS}`;
    assertEquals(ends(succeeded(whole)), [
      { event: "start", ...sizes },
      { event: "done", bytes: 10 * MIB, files: 2, ...sizes },
    ]);
  },
);

test(
  "serve tells how far it has hashed, the fetching verbs how much they have",
  async (dir) => {
    const tree = await dir.tree("tree", {
      "evil\x1b[2J\u202e\n": new Uint8Array(7),
      five: new Uint8Array(5 * MIB),
    });
    const file = await dir.write("nine", new Uint8Array(9 * MIB));
    const args = words`${tree} ${file} --progress json`;
    await using holder = await startHolder(dir.path, args);
    const [treeRef, fileRef] = holder.refs.map(({ ref }) => ref);
    const attach = [...JSON_EVENTS, ...holder.attach()];

    const known = { total_bytes: 9 * MIB };
    const blob = await cli`recv-blob --blob-ref ${fileRef} 
      --out ${dir.at("blob")} ${attach}`;
    assertEquals(ends(succeeded(blob)), [
      { event: "start", ...known },
      { event: "done", bytes: 9 * MIB, ...known },
    ]);

    const sizes = { total_bytes: 5 * MIB + 7, total_files: 2 };
    const whole = await cli`recv-dir --remote-ref ${treeRef} 
      --out ${dir.at("copy")} ${attach}`;
    assertEquals(ends(succeeded(whole)), [
      { event: "start", ...sizes },
      { event: "done", bytes: sizes.total_bytes, files: 2, ...sizes },
    ]);

    const missing = await cli`recv-blob --blob-ref ${SOME_KEY}
      --out ${dir.at("missing")} ${attach}`;
    assertEquals(missing.code, 3);
    assertEquals(missing.stdout, "");
    const lines = missing.stderr.trimEnd().split("\n");
    const { error } = JSON.parse(lines.pop() ?? "");
    assertEquals(error.kind, "not_found");
    readEvents(lines.join("\n"), "failed");

    const { stderr } = await holder.stop();
    const last = readEvents(stderr).at(-1);
    assertEquals([last?.bytes, last?.files], [14 * MIB + 7, 3]);
  },
);

test(
  "nothing is told where nobody looks, and whole lines where a bar is asked for",
  async (dir) => {
    const file = await dir.write("file", new Uint8Array(5 * MIB));
    for (const how of [[], ["--progress", "none"], ["--progress", "auto"]]) {
      const { code, stderr } =
        await cli`send-blob ${file} --output text ${how}`;
      assertEquals([code, stderr], [0, ""]);
    }
    const { stderr } = await cli`send-blob ${file} --progress bar`;
    const lines = stderr.trimEnd().split("\n");
    assert(lines.length >= 2, stderr);
    assert(lines.at(-1)?.includes("5.00 MiB / 5 MiB"), stderr);
    assertEquals(/\p{Cc}/u.test(lines.join("")), false);
  },
);
