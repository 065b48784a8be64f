/** The bit of SIGHUP among the signals of a process, as Linux shows them. */
const SIGHUP_BIT = 1n;

/**
 * Whether the process was started to outlive its terminal, as `nohup` does: who
 * listens to SIGHUP then would undo that. The runtime does not tell, and may
 * itself listen to the signal a moment after the start.
 *
 * @param status The process's own status, as Linux shows it; `undefined` where
 * it cannot be read.
 * @param startedAs What a shell names in the variable `_`: the program that it
 * started, which is the sign where the system does not tell.
 */
export function isHangupIgnored(
  status: string | undefined,
  startedAs: string | undefined,
): boolean {
  const signals = (field: string) => {
    const mask = new RegExp(`^${field}:\\s*([0-9a-f]+)$`, "m").exec(
      status ?? "",
    );
    return mask === null ? undefined : BigInt(`0x${mask[1]}`);
  };
  const [ignored, caught] = [signals("SigIgn"), signals("SigCgt")];
  if (ignored !== undefined && (ignored & SIGHUP_BIT) !== 0n) return true;
  if (caught !== undefined && (caught & SIGHUP_BIT) === 0n) return false;
  return startedAs === "nohup" || startedAs?.endsWith("/nohup") === true;
}
