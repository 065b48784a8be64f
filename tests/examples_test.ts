/** Every `@example` of the library type-checks and runs. */

import { assert, assertEquals } from "@std/assert";
import { join, toFileUrl } from "@std/path";
import config from "../deno.json" with { type: "json" };
import { ROOT } from "./documents/blocks.ts";

/** Modules that only a worker can load. */
const WORKERS = ["lib/landing/worker/worker.ts", "lib/store/hash_worker.ts"];

async function* modules(dir: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(dir)) {
    const path = join(dir, name);
    if (isDirectory && name !== "testing") yield* modules(path);
    else if (/(?<!_test|_bundle)\.ts$/.test(name)) yield path;
  }
}

Deno.test("every example of the library checks and runs", async () => {
  const dir = await Deno.makeTempDir({ prefix: "net_transfer_examples_" });
  try {
    // What examples publish.
    await Deno.mkdir(join(dir, "photos"));
    await Deno.writeTextFile(join(dir, "photos", "a.txt"), "hello\n");
    await Deno.writeTextFile(join(dir, "film.mkv"), "hello\n");
    // An example may show a value and leave it at that.
    const { imports, unstable, compilerOptions } = config;
    const loose = { noUnusedLocals: false, noUnusedParameters: false };
    const ours = {
      imports: { ...imports, [config.name]: toFileUrl(join(ROOT, "mod.ts")) },
      unstable,
      compilerOptions: { ...compilerOptions, ...loose },
    };
    await Deno.writeTextFile(join(dir, "deno.json"), JSON.stringify(ours));
    const workers = WORKERS.map((path) => join(ROOT, path));
    const paths = (await Array.fromAsync(modules(join(ROOT, "lib"))))
      .filter((path) => !workers.includes(path));
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["test", "-A", "--doc", "--quiet", "--no-lock", "--parallel"],
        ...["--config", join(dir, "deno.json"), join(ROOT, "mod.ts"), ...paths],
      ],
      cwd: dir,
      env: { NO_COLOR: "1", TMPDIR: dir },
    }).output();
    const decoder = new TextDecoder();
    const printed = decoder.decode(stdout);
    assertEquals(code, 0, printed + decoder.decode(stderr));
    const ran = Number(/(\d+) passed/.exec(printed)?.[1]);
    assert(ran > 50, `only ${ran} examples ran`);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
