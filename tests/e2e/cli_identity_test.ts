import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { cli, runCli, test } from "../support/cli.ts";
import identities from "../vectors/identity.json" with { type: "json" };

test(
  "identity show prints the public keys and ids of a seed, never the seed",
  async (dir) => {
    const path = dir.at("node.toml");
    for (const vector of identities.vectors) {
      const mode = 0o600;
      await dir.write("node.toml", `seed_hex = "${vector.seed_hex}"`, { mode });
      const { code, stdout } = await cli`identity show ${path}`;
      assertEquals(code, 0);
      assertEquals(
        stdout,
        `{
  "path": "${path}",
  "operator_id_hex": "${vector.operator_id_hex}",
  "public_key_hex": "${vector.public_key_hex}",
  "node_id": ${vector.node_id},
  "node_pubkey": "${vector.node_pubkey}",
  "node_id_hex": "0x${BigInt(vector.node_id).toString(16).padStart(16, "0")}"
}
`,
      );
    }
  },
);

test(
  "identity generate makes a private file that show and fingerprint read",
  async (dir) => {
    const path = dir.at("new", "node.toml");
    const made =
      await cli`identity generate --out ${path} --note ${"the server"}`;
    assertEquals(made.code, 0, made.stderr);
    assertEquals(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o600);
    assertMatch(
      made.stdout,
      /^\{\n {2}"path": .*\n {2}"operator_id_hex": "0x[0-9a-f]{16}",\n {2}"public_key_hex": "[0-9a-f]{64}",\n {2}"created_at": "\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",\n {2}"note": "the server",\n {2}"node_id": \d+,\n {2}"node_pubkey": "[0-9a-f]{64}",\n {2}"node_id_hex": "0x[0-9a-f]{16}"\n\}\n$/,
    );
    const shown = await cli`identity show ${path}`;
    assertEquals(shown.stdout, made.stdout);
    const print = await cli`identity fingerprint ${path} --output text`;
    assertMatch(print.stdout, /^(?:[0-9A-F]{2}:){7}[0-9A-F]{2}\n$/);

    const again = await cli`identity generate --out ${path}`;
    assertEquals(again.code, 2);
    assertStringIncludes(again.stderr, "--force");
    const forced = await cli`identity generate --out ${path} --force`;
    assertEquals(forced.code, 0);
  },
);

test(
  "identity generate finds its place in the configuration directory",
  async (dir) => {
    const { code, stdout } = await runCli(["identity", "generate"], {
      env: { XDG_CONFIG_HOME: dir.path },
    });
    assertEquals(code, 0);
    const { path, operator_id_hex: id } = JSON.parse(stdout);
    assertEquals(
      path,
      dir.at("net-mesh", "identities", `operator-${id}.toml`),
    );
    await Deno.stat(path);
  },
);

test(
  "identity show refuses a file that others can read, unless told",
  async (dir) => {
    const text = `seed_hex = "${"07".repeat(32)}"\n`;
    const path = await dir.write("node.toml", text, { mode: 0o644 });
    const refused = await cli`identity show ${path}`;
    assertEquals(refused.code, 2);
    assertStringIncludes(refused.stderr, "hint: ");
    const accepted = await cli`identity show ${path} --insecure-permissions`;
    assertEquals(accepted.code, 0);
    await Deno.writeTextFile(path, "seed_hex = 'abc'\n");
    await Deno.chmod(path, 0o600);
    const malformed = await cli`identity show ${path}`;
    assertEquals(malformed.code, 2);
  },
);
