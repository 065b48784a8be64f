/** What `doctor` looks at on this machine: what it allows, and how fast it is. */

import { dirname, resolve } from "@std/path";
import { measureAead, measureSocket } from "../../mesh/mod.ts";
import { lookAt } from "../../os/os_error.ts";
import { requireSafeAncestors } from "../../os/safe_ancestors.ts";
import { Float } from "../framework/output/report.ts";
import { formatBytes, formatRate } from "../../text/human.ts";
import type { Checks, Finding } from "./checks.ts";
import { hashRate } from "./hash_rate.ts";
import type { StageRates } from "./limiting_stage.ts";
import { measureDisk } from "./measure_disk.ts";
import type { MeasuringTime } from "./measuring_time.ts";
import { readSocketBuffers } from "./socket_buffers.ts";

/** Bytes of a datagram that fills a packet of Ethernet. */
const DATAGRAM_BYTES = 1472;
/** Milliseconds that a worker has to start. */
const WORKER_MS = 5000;
/** A receive buffer that holds 10 ms of 1 Gbit/s as the system counts it. */
const BUFFER_BYTES = 4 * 1024 * 1024;

export function mib(bytesPerSecond: number): Float {
  return new Float(bytesPerSecond / 2 ** 20);
}

function runtime(): Finding {
  const { deno } = Deno.version;
  const { os, arch } = Deno.build;
  const processors = navigator.hardwareConcurrency;
  return {
    said: `Deno ${deno} on ${os} ${arch}, ${processors} processors`,
    figures: { deno_version: deno, os, arch, processors },
  };
}

/** What this process lacks of what fetching into a directory needs. */
async function permissions(out: string): Promise<Finding> {
  const needed: [flag: string, Deno.PermissionDescriptor][] = [
    ["--allow-net", { name: "net" }],
    [`--allow-read=${out}`, { name: "read", path: out }],
    [`--allow-write=${out}`, { name: "write", path: out }],
    ["--allow-env", { name: "env" }],
  ];
  const whole: [string, Deno.PermissionDescriptor][] = [
    ["--allow-read", { name: "read" }],
    ["--allow-write", { name: "write" }],
  ];
  const missing = async (of: typeof needed) => {
    const lacking: string[] = [];
    for (const [flag, descriptor] of of) {
      const { state } = await Deno.permissions.query(descriptor);
      if (state !== "granted") lacking.push(flag);
    }
    return lacking;
  };
  const lacking = await missing(needed);
  if (lacking.length > 0) {
    return {
      status: "warn",
      said: `restricted: not granted in full are ${lacking.join(", ")}`,
      hint:
        "a fetch needs a socket, the address of the node, and to read and write the parent of its target",
      figures: { missing: lacking },
    };
  }
  const links = (await missing(whole)).length === 0;
  return {
    said: links ? "all that is needed" : "all but for trees with links",
    hint: links
      ? undefined
      : "links are made only with --allow-read and --allow-write without a path",
    figures: { missing: [], links },
  };
}

/** Starts a worker without any permission, as the one that hashes. */
async function workers(): Promise<Finding> {
  const source = "data:application/javascript,postMessage(0)";
  const worker = new Worker(source, {
    type: "module",
    deno: { permissions: "none" },
  });
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      worker.onmessage = () => resolve();
      worker.onerror = (event) => {
        event.preventDefault();
        reject(new Error(`a worker does not start: ${event.message}`));
      };
      timer = setTimeout(
        () => reject(new Error("a worker does not start in time")),
        WORKER_MS,
      );
    });
    return { said: "can be started, without permissions" };
  } finally {
    clearTimeout(timer);
    worker.terminate();
  }
}

/** The directory itself, or the nearest above it that exists. */
export function existingDir(path: string): string {
  let dir = resolve(path);
  while (lookAt(dir) === undefined && dirname(dir) !== dir) dir = dirname(dir);
  return dir;
}

async function buffers(): Promise<Finding> {
  const { receiveDefault, receiveMax, received, drops } =
    await readSocketBuffers();
  const small = receiveDefault < BUFFER_BYTES;
  const dropped = drops === undefined || received === undefined
    ? ""
    : `; of all programs ${drops} of ${received + drops} datagrams dropped`;
  return {
    status: small ? "warn" : "ok",
    said: `a socket holds ${formatBytes(receiveDefault)}${dropped}`,
    hint: small
      ? `for more than 100 Mbit/s: sysctl -w net.core.rmem_default=${BUFFER_BYTES}, then start again`
      : undefined,
    figures: {
      receive_default_bytes: receiveDefault,
      receive_max_bytes: receiveMax,
      datagrams: received,
      drops,
    },
  };
}

/** Looks at this machine; gives how fast its stages are. */
export async function checkMachine(
  checks: Checks,
  { out, time, signal }: {
    /** The directory that fetches will write to. */
    readonly out: string;
    readonly time: MeasuringTime;
    readonly signal: AbortSignal;
  },
): Promise<StageRates> {
  const only = (finding: Finding): [undefined, Finding] => [undefined, finding];
  await checks.run("runtime", () => only(runtime()));
  await checks.run("permissions", async () => only(await permissions(out)));
  await checks.run("workers", async () => only(await workers()));
  const disk = await checks.run("disk", async () => {
    const dir = requireSafeAncestors(existingDir(out));
    const { bytes, flushedRate, writtenRate } = await measureDisk(
      dir,
      time.disk,
      signal,
    );
    return [flushedRate, {
      said: `writes ${formatRate(flushedRate)} flushed, ${
        formatRate(writtenRate)
      } into memory, in ${dir}`,
      figures: {
        path: dir,
        bytes,
        flushed_mib_s: mib(flushedRate),
        written_mib_s: mib(writtenRate),
      },
    }];
  });
  const hash = await checks.run("hash", () => {
    const rate = hashRate(time.processor);
    return [rate, {
      said: `BLAKE3 ${formatRate(rate)} a thread`,
      figures: { rate_mib_s: mib(rate) },
    }];
  });
  const crypto = await checks.run("cipher", async () => {
    const { sealRate, openRate, backends } = await measureAead(
      time.processor,
      DATAGRAM_BYTES,
    );
    const by = [...new Set([backends.short, backends.long])].join(" and ");
    return [openRate, {
      said: `ChaCha20-Poly1305 by ${by}: seals ${formatRate(sealRate)}, opens ${
        formatRate(openRate)
      }`,
      figures: {
        backend: backends.short,
        backend_large: backends.long,
        seal_mib_s: mib(sealRate),
        open_mib_s: mib(openRate),
      },
    }];
  });
  const socket = await checks.run("socket", async () => {
    const { sendRate, receiveRate, drops } = await measureSocket(
      time.processor,
      DATAGRAM_BYTES,
    );
    return [receiveRate, {
      said: `sends ${formatRate(sendRate)}, receives ${
        formatRate(receiveRate)
      } in datagrams of ${DATAGRAM_BYTES} bytes`,
      figures: {
        send_mib_s: mib(sendRate),
        receive_mib_s: mib(receiveRate),
        drops,
      },
    }];
  });
  if (Deno.build.os === "linux") {
    await checks.run("buffers", async () => only(await buffers()));
  } else checks.skip("buffers", "only Linux tells of them");
  return { disk, hash, crypto, socket };
}

/**
 * How fast the stages are with the datagrams of a path: inside a machine they are
 * much longer than those of networks.
 */
export async function ratesWith(
  rates: StageRates,
  path: { readonly datagramBytes: number } | undefined,
  { processor: forMs }: MeasuringTime,
): Promise<StageRates> {
  const { crypto, socket } = rates;
  const { datagramBytes = DATAGRAM_BYTES } = path ?? {};
  if (datagramBytes < 2 * DATAGRAM_BYTES) return rates;
  return {
    ...rates,
    crypto: crypto && (await measureAead(forMs, datagramBytes)).openRate,
    socket: socket && (await measureSocket(forMs, datagramBytes)).receiveRate,
  };
}
