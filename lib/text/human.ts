/** Sizes, rates and times as people read them. */

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

/** A number of bytes in a binary unit, with three digits. */
function inUnit(bytes: number | bigint): [digits: string, unit: string] {
  let value = Number(bytes);
  let unit = 0;
  // 999.5 and above would round to four digits.
  while (value >= (unit === 0 ? 1024 : 999.5) && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return [value.toFixed(digits), UNITS[unit]];
}

/** Writes a number of bytes in binary units, three digits of it. */
export function formatBytes(bytes: number | bigint): string {
  const [digits, unit] = inUnit(bytes);
  return `${digits.replace(/\.0+$/, "")} ${unit}`;
}

/** The same with all three digits, for what counts in one place: `1.00 MiB`. */
export function formatCounter(bytes: number | bigint): string {
  return inUnit(bytes).join(" ");
}

/** Writes a rate, in bytes per second. */
export function formatRate(bytesPerSecond: number): string {
  return `${formatBytes(Math.round(bytesPerSecond))}/s`;
}

/** Writes a time: `40 ms`, `3.2 s`, `2 min 05 s`, `1 h 02 min`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 60) return `${(Math.floor(seconds * 10) / 10).toFixed(1)} s`;
  const whole = Math.floor(seconds);
  const two = (value: number) => String(value).padStart(2, "0");
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  const minutes = Math.floor(whole / 60);
  return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
}

/** Writes a time as a clock that runs down: `0:07`, `12:05`, `1:02:03`, `4 days`. */
export function formatClock(seconds: number): string {
  const whole = Math.ceil(seconds);
  const two = (value: number) => String(value).padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}:${two(whole % 60)}`;
  const hours = Math.floor(minutes / 60);
  if (hours < 100) return `${hours}:${two(minutes % 60)}:${two(whole % 60)}`;
  const days = Math.floor(hours / 24);
  return days < 100 ? `${days} days` : "";
}
