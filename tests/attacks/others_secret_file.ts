import { runCli } from "../support/cli.ts";
import { TempDir } from "../../scripts/temp_dir.ts";
import type { Attack } from "./attack.ts";
import { lacksStranger } from "./support/flipper.ts";

const STRANGER = 12_345;
const KEY = "00".repeat(32);

export const attack: Attack = {
  name: "others_secret_file",
  claim:
    "A key in a file of another user than us and root is refused, whatever its mode.",
  lacks: () => lacksStranger(STRANGER),
  async run() {
    await using dir = await TempDir.make();
    const texts = {
      psk: `${KEY}\n`,
      identity: `seed_hex = "${KEY}"\n`,
      config: `[default]\npsk_hex = "${KEY}"\n`,
    };
    const path: Record<string, string> = {};
    for (const [name, text] of Object.entries(texts)) {
      path[name] = await dir.write(name, text, { mode: 0o600 });
      await Deno.chown(path[name], STRANGER, STRANGER);
    }
    const ls = ["ls", "--node-addr", "127.0.0.1:9", "--node-pubkey", KEY];
    const runs = {
      psk: [...ls, "--psk-file", path.psk],
      identity: [...ls, "--psk-hex", KEY, "--identity", path.identity],
      config: [...ls, "--config", path.config],
    };
    const taken: string[] = [];
    for (const [name, args] of Object.entries(runs)) {
      const { stderr } = await runCli([
        ...args,
        "--connect-timeout",
        "100ms",
        "--output",
        "json",
      ]);
      if (!stderr.includes("belongs to another user")) taken.push(name);
    }
    return {
      held: taken.length === 0,
      line: taken.length === 0
        ? `${Object.keys(runs).join(", ")} of uid ${STRANGER} are refused`
        : `taken from uid ${STRANGER}: ${taken.join(", ")}`,
    };
  },
};
