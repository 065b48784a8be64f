/** File systems that are mounted for a test. */

/** The obstacle to tests that mount something. */
export const noMounts: string | undefined = await obstacleTo((dir) =>
  mount(["--bind", dir], dir)
);

/** The obstacle to {@linkcode mountOverlay}: none lies on another overlay. */
export const noOverlays: string | undefined = noMounts ??
  await obstacleTo(async (dir) => {
    await Deno.mkdir(`${dir}/lower`);
    return await mountOverlay(dir);
  });

/**
 * Mounts something for as long as it is in use.
 *
 * @param args Of mount(8): all but where.
 * @param at Where, an existing path.
 */
export async function mount(
  args: readonly string[],
  at: string,
): Promise<AsyncDisposable> {
  await run("mount", ...args, at);
  return {
    // Lazily, as a failed test may have left something open there.
    [Symbol.asyncDispose]: () => run("umount", "--lazy", at),
  };
}

/**
 * Mounts an overlay of an empty layer on `${dir}/lower`.
 *
 * @param dir A directory that holds `lower` and nothing else of these names.
 * @returns The mount, at `${dir}/merged`.
 */
export async function mountOverlay(dir: string): Promise<AsyncDisposable> {
  for (const name of ["upper", "work", "merged"]) {
    Deno.mkdirSync(`${dir}/${name}`);
  }
  const layers =
    `lowerdir=${dir}/lower,upperdir=${dir}/upper,workdir=${dir}/work`;
  return await mount(
    ["-t", "overlay", "overlay", "-o", layers],
    `${dir}/merged`,
  );
}

async function run(program: string, ...args: string[]): Promise<void> {
  const command = new Deno.Command(program, { args, stdin: "null" });
  const { success, stderr } = await command.output();
  if (!success) {
    throw new Error(`${program}: ${new TextDecoder().decode(stderr).trim()}`);
  }
}

async function obstacleTo(
  mountIn: (dir: string) => Promise<AsyncDisposable>,
): Promise<string | undefined> {
  if (Deno.build.os !== "linux") return "only on Linux";
  if (Deno.uid() !== 0) return "only root may mount";
  const dir = await Deno.makeTempDir({ prefix: "mounts_" });
  try {
    await using _mounted = await mountIn(dir);
    return undefined;
  } catch (error) {
    // The path in it is another one each time.
    return String(error).replaceAll(dir, "there");
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}
