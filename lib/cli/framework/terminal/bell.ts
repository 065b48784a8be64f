/** Rings the bell of the terminal, where there is one: it calls somebody back. */
export function ringBell(): void {
  if (!Deno.stderr.isTerminal()) return;
  Deno.stderr.writeSync(new TextEncoder().encode("\x07"));
}
