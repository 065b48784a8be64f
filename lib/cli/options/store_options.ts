import { attemptAsync } from "../../os/os_error.ts";
import { DiskStore } from "../../store/mod.ts";
import { optional, type OptionTable } from "../framework/options/option.ts";
import { DIR } from "../framework/options/value_kind.ts";

export const STORE_OPTIONS = {
  store: optional("store", DIR, {
    help: "Stage the content in this store directory, made if it is missing",
  }),
} satisfies OptionTable;

/** Makes and opens the store that `--store` names. */
export async function openStore(
  dir: string | undefined,
): Promise<DiskStore | undefined> {
  if (dir === undefined) return undefined;
  await attemptAsync(
    "make the store",
    dir,
    () => Deno.mkdir(dir, { recursive: true }),
  );
  return await DiskStore.open(dir);
}
