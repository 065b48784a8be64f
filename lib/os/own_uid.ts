/**
 * Who runs this process.
 *
 * @returns The user's number; `undefined` where there are none, or the process
 * may not ask (`--allow-sys=uid`).
 */
export function ownUid(): number | undefined {
  const grant = { name: "sys", kind: "uid" } as const;
  if (Deno.permissions.querySync(grant).state !== "granted") return undefined;
  return Deno.uid() ?? undefined;
}
