import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { runCli, withTempDir } from "./cli_process.ts";

const VECTORS: {
  vectors: {
    seed_hex: string;
    public_key_hex: string;
    node_pubkey: string;
    node_id: string;
    operator_id_hex: string;
  }[];
} = JSON.parse(
  await Deno.readTextFile(new URL("../vectors/identity.json", import.meta.url)),
);

Deno.test("identity show prints the public keys and ids of a seed, never the seed", async () => {
  await withTempDir(async (dir) => {
    const path = join(dir, "node.toml");
    for (const vector of VECTORS.vectors) {
      await Deno.writeTextFile(path, `seed_hex = "${vector.seed_hex}"\n`);
      await Deno.chmod(path, 0o600);
      const { code, stdout } = await runCli(["identity", "show", path]);
      assertEquals(code, 0);
      assertEquals(
        stdout,
        `{
  "path": "${path}",
  "operator_id_hex": "${vector.operator_id_hex}",
  "public_key_hex": "${vector.public_key_hex}",
  "node_id": ${vector.node_id},
  "node_pubkey": "${vector.node_pubkey}"
}
`,
      );
    }
  });
});

Deno.test("identity generate makes a private file that show and fingerprint read", async () => {
  await withTempDir(async (dir) => {
    const path = join(dir, "new", "node.toml");
    const made = await runCli([
      "identity",
      "generate",
      "--out",
      path,
      "--note",
      "the server",
    ]);
    assertEquals(made.code, 0, made.stderr);
    assertEquals(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o600);
    assertMatch(
      made.stdout,
      /^\{\n {2}"path": .*\n {2}"operator_id_hex": "0x[0-9a-f]{16}",\n {2}"public_key_hex": "[0-9a-f]{64}",\n {2}"created_at": "\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",\n {2}"note": "the server",\n {2}"node_id": \d+,\n {2}"node_pubkey": "[0-9a-f]{64}"\n\}\n$/,
    );
    const shown = await runCli(["identity", "show", path]);
    assertEquals(shown.stdout, made.stdout);
    const print = await runCli([
      "identity",
      "fingerprint",
      path,
      "--output",
      "text",
    ]);
    assertMatch(print.stdout, /^(?:[0-9A-F]{2}:){7}[0-9A-F]{2}\n$/);

    const again = await runCli(["identity", "generate", "--out", path]);
    assertEquals(again.code, 2);
    assertStringIncludes(again.stderr, "--force");
    const forced = await runCli([
      "identity",
      "generate",
      "--out",
      path,
      "--force",
    ]);
    assertEquals(forced.code, 0);
  });
});

Deno.test("identity generate finds its place in the configuration directory", async () => {
  await withTempDir(async (dir) => {
    const { code, stdout } = await runCli(["identity", "generate"], {
      env: { XDG_CONFIG_HOME: dir },
    });
    assertEquals(code, 0);
    const { path, operator_id_hex: id } = JSON.parse(stdout);
    assertEquals(
      path,
      join(dir, "net-mesh", "identities", `operator-${id}.toml`),
    );
    await Deno.stat(path);
  });
});

Deno.test("identity show refuses a file that others can read, unless told", async () => {
  await withTempDir(async (dir) => {
    const path = join(dir, "node.toml");
    await Deno.writeTextFile(path, `seed_hex = "${"07".repeat(32)}"\n`);
    await Deno.chmod(path, 0o644);
    const refused = await runCli(["identity", "show", path]);
    assertEquals(refused.code, 2);
    assertStringIncludes(refused.stderr, "hint: ");
    const accepted = await runCli([
      "identity",
      "show",
      path,
      "--insecure-permissions",
    ]);
    assertEquals(accepted.code, 0);
    await Deno.writeTextFile(path, "seed_hex = 'abc'\n");
    await Deno.chmod(path, 0o600);
    const malformed = await runCli(["identity", "show", path]);
    assertEquals(malformed.code, 2);
  });
});
