/** The moment between a look at a path and its opening, which a race must hit. */

/**
 * Calls `exchange` just behind the `nth` look at a path of that name, while
 * `use` runs.
 */
export async function afterLook<T>(
  name: string,
  nth: number,
  exchange: () => void,
  use: () => Promise<T>,
): Promise<T> {
  const look = Deno.lstatSync;
  let looks = 0;
  Deno.lstatSync = (path) => {
    const seen = look(path);
    if (String(path).endsWith(`/${name}`) && ++looks === nth) exchange();
    return seen;
  };
  try {
    return await use();
  } finally {
    Deno.lstatSync = look;
  }
}
