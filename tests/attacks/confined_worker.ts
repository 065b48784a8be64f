import { startConfined } from "../../lib/landing/confined_worker.ts";
import { TempDir } from "../../scripts/temp_dir.ts";
import type { Attack } from "./attack.ts";

/**
 * Runs in the worker: tries everything, and answers with what was allowed.
 * `tries` takes the directory that it may touch and one beside it.
 */
const PROBE = `
const tries = (dir, beside) => ({
  "read a file of the system": () => Deno.readTextFileSync("/etc/passwd"),
  "read a file beside its directory": () => Deno.readTextFileSync(beside + "/secret"),
  "read by way of ..": () => Deno.readTextFileSync(dir + "/../beside/secret"),
  "list the directory above": () => [...Deno.readDirSync(dir + "/..")],
  "write beside its directory": () => Deno.writeTextFileSync(beside + "/new", ""),
  "write by way of ..": () => Deno.writeTextFileSync(dir + "/a/../../beside/new", ""),
  "rename out": () => Deno.renameSync(dir + "/own", beside + "/new"),
  "rename in": () => Deno.renameSync(beside + "/secret", dir + "/taken"),
  "copy in": () => Deno.copyFileSync(beside + "/secret", dir + "/taken"),
  "link a file in": () => Deno.linkSync(beside + "/secret", dir + "/taken"),
  "link a file out": () => Deno.linkSync(dir + "/own", beside + "/new"),
  "make a symbolic link": () => Deno.symlinkSync(beside, dir + "/link"),
  "remove beside": () => Deno.removeSync(beside + "/secret"),
  "change a mode beside": () => Deno.chmodSync(beside + "/secret", 0o777),
  "read /proc": () => Deno.readTextFileSync("/proc/self/environ"),
  "read its parent's files by /proc": () => Deno.readTextFileSync("/proc/self/root/etc/passwd"),
  "a device": () => Deno.readFileSync("/dev/zero"),
  "connect": () => Deno.connect({ hostname: "127.0.0.1", port: 9 }),
  "listen": () => Deno.listen({ hostname: "127.0.0.1", port: 0 }),
  "a datagram": () => Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 }),
  "fetch": () => fetch("http://127.0.0.1:7711/"),
  "resolve a name": () => Deno.resolveDns("localhost", "A"),
  "the environment": () => Deno.env.toObject(),
  "run a program": () => new Deno.Command("true").outputSync(),
  "native code": () => Deno.dlopen("libc.so.6", {}),
  "the name of the machine": () => Deno.hostname(),
  "import a file": () => import("file://" + beside + "/module.ts"),
  "import from the network": () => import(["http://127.0.0.1:7711", "module.ts"].join("/")),
  "a worker with more": () => new Worker("data:application/javascript,", { type: "module", deno: { permissions: "inherit", permissions: { net: true } } }),
  "ask for more": async () => {
    const { state } = await Deno.permissions.request({ name: "net" });
    if (state !== "granted") throw new Deno.errors.PermissionDenied();
  },
  "node:fs beside": async () => (await import("node:fs")).readFileSync(beside + "/secret"),
  "node:child_process": async () => (await import("node:child_process")).execFileSync("true"),
  "end the process's parent": () => Deno.kill(Deno.ppid, "SIGCONT"),
});
onmessage = async ({ data: { dir, beside } }) => {
  const allowed = [];
  const all = Object.entries(tries(dir, beside));
  for (const [name, attempt] of all) {
    try {
      await attempt();
      allowed.push(name);
    } catch (error) {
      const refused = ["NotCapable", "PermissionDenied"].includes(error.name) ||
        /Requires .* access|not granted|escalat/i.test(error.message);
      if (!refused) allowed.push(name + ": " + error);
    }
  }
  postMessage({ allowed, count: all.length });
};`;

interface Answer {
  allowed: string[];
  count: number;
}

export const attack: Attack = {
  name: "confined_worker",
  claim:
    "What writes on behalf of a peer touches nothing outside of the target's parent, whatever runs in it.",
  async run() {
    await using temp = await TempDir.make();
    await temp.tree(".", {
      "dir/own": "own",
      "beside/secret": "secret",
      "beside/module.ts": "export {};",
    });
    const [dir, beside] = [temp.at("dir"), temp.at("beside")];
    const worker = startConfined(PROBE, dir);
    const answer = Promise.withResolvers<Answer>();
    worker.onmessage = ({ data }) => answer.resolve(data);
    worker.onerror = (event) => answer.reject(new Error(event.message));
    worker.postMessage({ dir, beside });
    const { allowed, count } = await answer.promise;
    worker.terminate();
    const left = [...Deno.readDirSync(beside)].map(({ name }) => name).sort();
    const untouched = left.join() === "module.ts,secret";
    return {
      held: allowed.length === 0 && untouched,
      line: allowed.length === 0
        ? `${count} ways out of the worker, none open`
        : `open: ${allowed.join("; ")}`,
    };
  },
};
