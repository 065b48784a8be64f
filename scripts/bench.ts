/**
 * Measures transfers on loopback against rsync, scp and cp, in one run.
 *
 * `deno task bench [--quick] [--runs N] [--program PATH] [--dir DIR]`
 *
 * One file of 1 GiB, and 30 000 files of 537 MB together; `--quick` takes an
 * eighth and a tenth of that. Times are of the fetching process from its start
 * to its end, the best of the runs; the tools take turns in each run. Nothing
 * is flushed to the disk, since rsync and scp do not either. `--dir` says where
 * everything is made, `--program` measures a compiled binary.
 */

import { parseArgs } from "@std/cli/parse-args";
import { join } from "@std/path";
import { freePort, isInstalled, Service, SshServer } from "./bench_service.ts";
import { compareTrees } from "./compare_trees.ts";
import { HolderProcess } from "./holder_process.ts";
import { makeTree, MANY_FILES, noise, type TreeShape } from "./make_tree.ts";
import { type Program, sourceProgram, words } from "./program.ts";
import { TempDir } from "./temp_dir.ts";

const MIB = 2 ** 20;
/** Bytes written at once. */
const BLOCK = 16 * MIB;
/** Milliseconds between two looks at the memory of a process. */
const LOOK_MS = 20;

/** Something to transfer. */
interface Workload {
  name: string;
  kind: "blob" | "dir";
  path: string;
  bytes: number;
}

/** A tool, ready to transfer one workload. */
interface Tool extends AsyncDisposable {
  name: string;
  /** The command that fetches into `out`. */
  fetch(out: string): string[];
  /** The process that sends, if it is there all the time. */
  sender?: number;
}

/** What one transfer took. */
interface Measured {
  seconds: number;
  /** Peak memory of the fetching process, in bytes. */
  fetcherPeak: number;
  /** Peak memory of the sending process so far, in bytes. */
  senderPeak?: number;
}

/** The most memory a process ever had, or 0 when it is gone or not told. */
function peakMemory(pid: number): number {
  try {
    const status = Deno.readTextFileSync(`/proc/${pid}/status`);
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

async function measure(tool: Tool, out: string): Promise<Measured> {
  const [command, ...args] = tool.fetch(out);
  const since = performance.now();
  const child = new Deno.Command(command, {
    args,
    stdin: "null",
    stdout: "null",
    stderr: "inherit",
  }).spawn();
  let fetcherPeak = 0;
  const look = () => {
    fetcherPeak = Math.max(fetcherPeak, peakMemory(child.pid));
  };
  const timer = setInterval(look, LOOK_MS);
  look();
  const { success } = await child.status;
  clearInterval(timer);
  const seconds = (performance.now() - since) / 1000;
  if (!success) throw new Error(`${tool.name} failed`);
  const senderPeak = tool.sender && peakMemory(tool.sender);
  return { seconds, fetcherPeak, senderPeak };
}

async function netTransfer(
  program: Program,
  { path, kind }: Workload,
  scratch: string,
): Promise<Tool> {
  const since = performance.now();
  const holder = await HolderProcess.start([path], { program, keys: scratch });
  const seconds = ((performance.now() - since) / 1000).toFixed(1);
  console.log(`  serve was ready after ${seconds} s (reads and hashes it all)`);
  const [{ ref }] = holder.refs;
  const verb = kind === "blob"
    ? words`recv-blob --no-fsync --blob-ref ${ref}`
    : words`recv-dir --remote-ref ${ref}`;
  return {
    name: "net-transfer",
    sender: holder.child.pid,
    fetch: (out) => words`${program} ${verb} --out ${out} ${holder.attach()}`,
    [Symbol.asyncDispose]: () => holder[Symbol.asyncDispose](),
  };
}

/** rsync from its daemon: in clear text, whole files. */
async function rsync({ path, kind }: Workload, scratch: string): Promise<Tool> {
  const port = freePort();
  const conf = join(scratch, "rsyncd.conf");
  await Deno.writeTextFile(
    conf,
    `use chroot = no\n[m]\npath = ${scratch}\nread only = yes\nuid = ${Deno.uid()}\ngid = ${Deno.gid()}\n`,
  );
  const args = words`--daemon --no-detach --config=${conf}`;
  const service = await Service.start("rsync", [...args, `--port=${port}`], {
    port,
  });
  const name = path.slice(scratch.length + 1) + (kind === "dir" ? "/" : "");
  const url = `rsync://127.0.0.1:${port}/m/${name}`;
  return {
    name: "rsync, not encrypted",
    fetch: (out) => words`rsync -a --whole-file ${url} ${out}`,
    [Symbol.asyncDispose]: () => service[Symbol.asyncDispose](),
  };
}

/** scp from an ssh server of our own. */
async function scp({ path }: Workload, scratch: string): Promise<Tool> {
  const server = await SshServer.start(scratch);
  return {
    name: "scp",
    fetch: (out) =>
      words`scp -q -r -P ${server.port} ${server.options}
        127.0.0.1:${path} ${out}`,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** cp: no network, no check; what the disk allows. */
function copy({ path }: Workload): Tool {
  return {
    name: "cp, no network",
    fetch: (out) => words`cp -r --reflink=never ${path} ${out}`,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

async function benchmark(
  workload: Workload,
  program: Program,
  runs: number,
  scratch: string,
): Promise<void> {
  const { name, bytes, kind, path } = workload;
  console.log(`\n${name}`);
  await using stack = new AsyncDisposableStack();
  const tools = [stack.use(await netTransfer(program, workload, scratch))];
  for (
    const [command, make] of [
      ["rsync", rsync],
      ["/usr/sbin/sshd", scp],
    ] as const
  ) {
    if (!await isInstalled(command)) {
      console.log(`  ${command} is not installed`);
      continue;
    }
    tools.push(stack.use(await make(workload, scratch)));
  }
  if (Deno.build.os === "linux") tools.push(stack.use(copy(workload)));
  const results = new Map<string, Measured>();
  for (let i = 0; i < runs; i++) {
    for (const tool of tools) {
      const out = join(scratch, "out");
      const measured = await measure(tool, out);
      if (i === 0 && kind === "dir" && tool === tools[0]) {
        const { differences } = await compareTrees(path, out);
        if (differences.length > 0) throw new Error(differences.join("\n"));
      }
      await Deno.remove(out, { recursive: true });
      const best = results.get(tool.name);
      if (best === undefined || measured.seconds < best.seconds) {
        results.set(tool.name, measured);
      }
    }
  }
  print(results, bytes);
}

function print(results: Map<string, Measured>, bytes: number): void {
  const ours = results.values().next().value?.seconds ?? NaN;
  const mib = (count = 0) => Math.round(count / MIB);
  const rows = Array.from(results, ([tool, measured]) => {
    const { seconds, fetcherPeak, senderPeak } = measured;
    return [tool, {
      seconds: Number(seconds.toFixed(2)),
      "MiB/s": Math.round(bytes / MIB / seconds),
      "time / ours": Number((seconds / ours).toFixed(2)),
      "fetcher MiB": mib(fetcherPeak),
      "sender MiB": mib(senderPeak),
    }];
  });
  console.table(Object.fromEntries(rows));
}

async function makeFile(path: string, bytes: number): Promise<void> {
  using file = await Deno.open(path, { write: true, createNew: true });
  for (let at = 0; at < bytes; at += BLOCK) {
    await file.write(noise(Math.min(BLOCK, bytes - at), at + 1));
  }
}

async function main(): Promise<void> {
  const flags = parseArgs(Deno.args, {
    boolean: ["quick"],
    string: ["runs", "program", "dir"],
  });
  const { quick } = flags;
  const runs = Number(flags.runs ?? (quick ? 1 : 3));
  const program = flags.program === undefined
    ? sourceProgram()
    : [flags.program];
  const fileBytes = quick ? 128 * MIB : 1024 * MIB;
  const shape: TreeShape = quick
    ? { files: MANY_FILES.files / 10, bytes: MANY_FILES.bytes / 10 }
    : MANY_FILES;
  await using scratch = await TempDir.make(flags.dir);
  const file = scratch.at("file");
  const tree = scratch.at("tree");
  await makeFile(file, fileBytes);
  await makeTree(tree, shape);
  const cpus = navigator.hardwareConcurrency;
  console.log(`Deno ${Deno.version.deno}, ${cpus} CPUs, best of ${runs}`);
  const workloads: Workload[] = [
    {
      name: `one file of ${fileBytes / MIB} MiB`,
      kind: "blob",
      path: file,
      bytes: fileBytes,
    },
    {
      name: `${shape.files} files of ${shape.bytes / 1e6} MB`,
      kind: "dir",
      path: tree,
      bytes: shape.bytes,
    },
  ];
  for (const workload of workloads) {
    await benchmark(workload, program, runs, scratch.path);
  }
}

if (import.meta.main) await main();
