/**
 * The recorded command lines of the reference, run anew: each ends with the
 * exit code that it had there, or with the one of its departure.
 */

import { assert, assertEquals } from "@std/assert";
import { TempDir } from "../../scripts/temp_dir.ts";
import { onWindows, unless } from "../support/unless.ts";
import { departureOf, DEPARTURES } from "./departures.ts";
import { Fixture, lookAtAll } from "./fixture.ts";
import type { Place } from "./place.ts";
import { RECORDED, type RecordedRun } from "./recorded.ts";
import { NOT_RUN, setupOf } from "./recorded_setups.ts";

const RUNS = [...RECORDED].filter(([id]) =>
  !NOT_RUN.some(([ids]) => ids.test(id))
);

/** What the words of a recorded line stand for here. */
function argumentsOf({ line }: RecordedRun, place: Place): string[] {
  const { address, publicKey, nodeId, psk } = place.four;
  const parts: Record<string, string> = {
    ADDR: address,
    KEY: publicKey,
    ID: nodeId,
    PSK: psk,
  };
  const whole: Record<string, string[]> = {
    ATTACH: place.attach(),
    SMALL: [place.refs.small],
    LARGE: [place.refs.large],
    TREE: [place.refs.tree],
    "small.bin": [place.source("small.bin")],
    "big.bin": [place.source("large.bin")],
    tree: [place.source("tree")],
  };
  const words = line.match(/"(?:[^"\\]|\\.)*"|\S+/g) ?? [];
  const args = words.flatMap((word) => {
    const text: string = word.startsWith('"') ? JSON.parse(word) : word;
    return whole[text] ?? [
      text.replace(
        /(^|=(?:0X0x)?)(ADDR|KEY|ID|PSK)$/,
        (_, before, part) => `${before}${parts[part]}`,
      ),
    ];
  });
  // Nobody answers: no need to wait for long.
  return line.includes("--node-addr")
    ? [...args.slice(0, 2), "--connect-timeout=700ms", ...args.slice(2)]
    : args;
}

async function codeOf(
  id: string,
  run: RecordedRun,
  place: Place,
): Promise<number> {
  await TempDir.fill(place.dir, setupOf(id, place));
  for (const name of ["c.toml", "id.toml", "../.config/net-mesh/config.toml"]) {
    const mode = id.endsWith("644") ? 0o644 : 0o600;
    await Deno.chmod(place.at(name), mode).catch(() => {});
  }
  if (id === "D.xdg-config") {
    await Deno.chmod(place.at("xdg/net-mesh/config.toml"), 0o600);
  }
  const env = Object.fromEntries(
    Object.entries(run.env).map(([name, value]) => [
      name,
      value.replace(/^W\//, `${place.dir}/`).replace(
        /^\/non/,
        `${place.dir}/non`,
      ),
    ]),
  );
  const options = { env: { NO_COLOR: "true", ...env }, stdin: "" };
  const args = argumentsOf(run, place);
  return (await place.runWith(options, ...args)).code;
}

Deno.test("a departure is one, and of a run that was recorded", () => {
  for (const { runs, code, reason } of DEPARTURES) {
    for (const name of runs) {
      const found = RUNS.filter(([id]) =>
        name.endsWith("*") ? id.startsWith(name.slice(0, -1)) : id === name
      );
      assert(found.length > 0, name);
      for (const [id, run] of found) assert(run.code !== code, id);
    }
    assert(reason.length > 20, reason);
  }
});

Deno.test({
  ...unless(
    onWindows,
    "a recorded command line ends as the reference did, or as its departure says",
  ),
  async fn(t) {
    await using fixture = await Fixture.start();
    await lookAtAll(
      t,
      fixture,
      RUNS.map(([id, run]) => ({
        name: `${id}: ${run.line.slice(0, 90)}`,
        look: (place) => codeOf(id, run, place),
        expect: (code) => assertEquals(code, (departureOf(id) ?? run).code),
      })),
    );
  },
});
