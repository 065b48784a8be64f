/** Where a worker finds its module that is text of ours. */

const urls = new Map<string, string>();

/**
 * The address of a module, for workers. No grant is needed to load it.
 *
 * It is a short one that lives as long as the process, since the runtime keeps
 * the address of each worker that was ever started: 0.3 MiB, where the module is
 * in it. Compiled programs find nothing but that.
 *
 * @param source The module, ASCII.
 *
 * @example
 * ```ts
 * import { workerUrl } from "./worker_url.ts";
 *
 * const worker = new Worker(workerUrl("postMessage(1)"), { type: "module" });
 * worker.terminate();
 * ```
 */
export function workerUrl(source: string): string {
  const type = "application/javascript";
  if (Deno.build.standalone) return `data:${type};base64,${btoa(source)}`;
  let url = urls.get(source);
  if (url === undefined) {
    url = URL.createObjectURL(new Blob([source], { type }));
    urls.set(source, url);
  }
  return url;
}
