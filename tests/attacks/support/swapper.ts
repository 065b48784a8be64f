/**
 * Somebody who may change a directory: a thread that replaces entries of it by
 * links, over and over, and does nothing that its owner may not do.
 */

/** What is swapped for what. */
export interface Swap {
  /** The directory whose entries are renamed. */
  directory: string;
  /** What of their names begins the ones that are swapped. */
  prefix: string;
  /** Where the links lead that take their place. */
  to: string;
  /** Whether what was taken comes back, again and again. */
  back?: boolean;
}

const SOURCE = `
self.onmessage = ({ data: { directory, prefix, to, back, stop } }) => {
  const flag = new Int32Array(stop);
  let taken = 0;
  Atomics.store(flag, 1, 1);
  while (Atomics.load(flag, 0) === 0) {
    try {
      for (const { name, isSymlink } of Deno.readDirSync(directory)) {
        if (!name.startsWith(prefix) || isSymlink) continue;
        const path = directory + "/" + name;
        const aside = directory + "/taken" + taken++;
        Deno.renameSync(path, aside);
        Deno.symlinkSync(to, path);
        if (!back) continue;
        for (let wait = 0; wait < 50; wait++) Atomics.load(flag, 0);
        Deno.removeSync(path);
        Deno.renameSync(aside, path);
      }
    } catch {
      // The other one was faster.
    }
  }
  Atomics.store(flag, 1, 2);
  self.close();
};
`;

/**
 * Swaps for as long as something runs.
 *
 * @param swap What for what.
 * @param body What is attacked; it may fail.
 */
export async function whileSwapping(
  swap: Swap,
  body: () => Promise<unknown>,
): Promise<void> {
  const stop = new SharedArrayBuffer(8);
  const flag = new Int32Array(stop);
  const worker = new Worker(
    `data:application/javascript;base64,${btoa(SOURCE)}`,
    { type: "module" },
  );
  worker.postMessage({ ...swap, stop });
  const reached = async (state: number) => {
    while (Atomics.load(flag, 1) < state) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  };
  await reached(1);
  try {
    await body();
  } finally {
    Atomics.store(flag, 0, 1);
    // Terminated, it would still rename while what it renames is removed.
    await reached(2);
    worker.terminate();
  }
}
