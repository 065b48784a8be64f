/** A file that somebody writes to all the time. */

/** Long enough that reading it takes many times as long as touching it. */
const LENGTH = 128 * 2 ** 20;
const BLOCK = 2 ** 20;

/** A thread of its own has its turns whatever else the tests do. */
const TOUCH = `
const nobody = new Int32Array(new SharedArrayBuffer(4));
onmessage = ({ data }) => {
  for (let second = 1;; second++) {
    Deno.utimeSync(data, second, second);
    if (second === 1) postMessage(0);
    Atomics.wait(nobody, 0, 0, 0.2);
  }
};`;

/** Sets the times of a large file again and again until it is disposed of. */
export class LivingFile implements Disposable {
  private constructor(
    readonly path: string,
    private readonly worker: Worker,
  ) {}

  static async make(path: string): Promise<LivingFile> {
    using file = await Deno.open(path, { write: true, create: true });
    // Holes would not be read.
    const block = new Uint8Array(BLOCK).fill(1);
    for (let at = 0; at < LENGTH; at += BLOCK) file.writeSync(block);
    const source = `data:application/javascript,${encodeURIComponent(TOUCH)}`;
    const worker = new Worker(source, { type: "module" });
    const begun = new Promise((done) => worker.onmessage = done);
    worker.postMessage(path);
    await begun;
    return new LivingFile(path, worker);
  }

  [Symbol.dispose](): void {
    this.worker.terminate();
  }
}
