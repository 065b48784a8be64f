/**
 * The file that a specifier such as `npm:name@1.0.0/file.js` stands for, in the
 * runtime's own cache.
 *
 * @throws {Error} When the package is not there.
 */
export async function packageFile(specifier: string): Promise<string> {
  const parts = specifier.match(/^npm:(@?[^@]+)@([^/]+)\/?(.*)$/);
  if (parts === null) throw new Error(`Cannot resolve ${specifier}`);
  const [, name, version, file] = parts;
  const cache = await npmCache();
  for await (const registry of Deno.readDir(cache)) {
    const dir = `${cache}/${registry.name}/${name}/${version}`;
    try {
      const manifest = JSON.parse(
        await Deno.readTextFile(`${dir}/package.json`),
      );
      return `${dir}/${file || manifest.module || manifest.main}`;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  throw new Error(`${specifier} is not in ${cache}: run deno install`);
}

async function npmCache(): Promise<string> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["info", "--json"],
    stderr: "null",
  });
  const { stdout } = await command.output();
  return JSON.parse(new TextDecoder().decode(stdout)).npmCache;
}
