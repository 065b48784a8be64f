/** What `doctor` looks at of the settings: configuration, identity and key. */

import { join } from "@std/path";
import { loadIdentity } from "../../mesh/mod.ts";
import { lookAt } from "../../os/os_error.ts";
import type { Context } from "../command.ts";
import { Id } from "../framework/output/report.ts";
import { configDir, readConfigFile } from "../node/config_file.ts";
import { readPsk } from "../node/read_given.ts";
import { readSources } from "../node/read_settings.ts";
import type { Sources } from "../node/setting.ts";
import { resolveKeys } from "../node/settings.ts";
import type { Checks, Finding } from "./checks.ts";

/** Keys of a profile whose value must not be shown is none of them. */
async function configuration(
  { profile: { name, texts } }: Sources,
  named: string | undefined,
): Promise<Finding> {
  const { path, exists } = await readConfigFile(named);
  const keys = Object.keys(texts);
  const sets = keys.length === 0 ? "nothing" : keys.join(", ");
  return {
    said: exists
      ? `${path}: profile '${name}' sets ${sets}`
      : `none${path === "" ? "" : `; it would be ${path}`}`,
    figures: {
      path: path === "" ? undefined : path,
      exists,
      profile: name,
      keys,
    },
  };
}

async function identity(
  path: string | undefined,
  given: boolean,
  insecurePermissions: boolean,
): Promise<Finding> {
  if (path === undefined) return { said: "none, and no place for one" };
  if (!given && lookAt(path) === undefined) {
    return {
      said: "none yet: serve makes one, fetches do without",
      figures: { path, exists: false },
    };
  }
  const { nodeId } = await loadIdentity(path, { insecurePermissions });
  return {
    said: `${path}: node ${nodeId}`,
    figures: { path, exists: true, node_id: new Id(nodeId) },
  };
}

async function key(
  { psk }: ReturnType<typeof resolveKeys>,
  kept: string | undefined,
  insecurePermissions: boolean,
): Promise<Finding> {
  if (psk !== undefined) {
    const { file } = await readPsk(psk.value, insecurePermissions);
    const from = file ?? psk.origin.name;
    return { said: `from ${from}`, figures: { source: from } };
  }
  if (kept === undefined || lookAt(kept) === undefined) {
    return { said: "none given; serve makes one, a ticket may carry one" };
  }
  await readPsk({ file: kept }, insecurePermissions);
  return { said: `${kept}, which serve uses`, figures: { source: kept } };
}

/**
 * Looks at the settings.
 *
 * @returns What they are resolved from; `undefined` when that cannot be read.
 */
export async function checkSettings(
  checks: Checks,
  values: Parameters<typeof readSources>[0],
  context: Context,
): Promise<Sources | undefined> {
  const { insecurePermissions } = values;
  const sources = await checks.run("configuration", async () => {
    const sources = await readSources(values, context);
    return [sources, await configuration(sources, context.globals.config)];
  });
  if (sources === undefined) return undefined;
  const keys = await checks.run("identity", async () => {
    const keys = resolveKeys(sources);
    const dir = configDir();
    const path = keys.identity?.value ??
      (dir && join(dir, "identities", "node.toml"));
    const given = keys.identity !== undefined;
    return [{ keys, dir }, await identity(path, given, insecurePermissions)];
  });
  if (keys !== undefined) {
    await checks.run("key", async () => {
      const kept = keys.dir && join(keys.dir, "identities", "node.psk");
      return [undefined, await key(keys.keys, kept, insecurePermissions)];
    });
  }
  return sources;
}

/** Whether a node is named that could be attached to. */
export function namesNode({ values, profile: { texts } }: Sources): boolean {
  const { ticket, ticketFile, nodeAddr, nodePubkey, nodeId } = values;
  return [
    ...[ticket, ticketFile, nodeAddr, nodePubkey, nodeId],
    ...[texts.ticket, texts.node_addr, texts.node_pubkey, texts.node_id],
  ].some((value) => value !== undefined);
}
