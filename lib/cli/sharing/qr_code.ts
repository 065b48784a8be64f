/** A ticket as a QR code (ISO/IEC 18004) for the camera of another machine. */

import encodeQr from "qr";

/** Light modules around a code, without which readers do not find it. */
const QUIET = 4;

/**
 * The modules of a code, the quiet zone included; true is dark. A ticket is in
 * upper case, which takes a third less room and means the same.
 */
export function qrModules(ticket: string): boolean[][] {
  const text = ticket.toUpperCase();
  return encodeQr(text, "raw", { ecc: "low", border: QUIET });
}

/**
 * Draws modules with half blocks, two rows of them in one of the terminal. What
 * is light is drawn, for terminals are dark; painted, it is whatever they are.
 */
export function drawQr(modules: readonly (readonly boolean[])[]): string[] {
  const rows: string[] = [];
  for (let y = 0; y < modules.length; y += 2) {
    const upper = modules[y];
    const lower = modules[y + 1] ?? upper.map(() => false);
    rows.push(
      upper.map((isDark, x) =>
        isDark ? (lower[x] ? " " : "▄") : (lower[x] ? "▀" : "█")
      ).join(""),
    );
  }
  return rows;
}

/** How much a terminal shows. */
export interface TerminalRoom {
  readonly columns: number;
  readonly rows: number;
}

/** When a code is drawn. */
export const QR_MODES = ["always", "auto", "never"] as const;
export type QrMode = typeof QR_MODES[number];

/**
 * The code of a ticket, if it is to be drawn: `auto` where a terminal shows it and
 * the rest of the screen at once, `always` also where it scrolls.
 *
 * @param room The terminal; nothing where there is none.
 * @param rest Rows of the rest of the screen.
 * @returns Rows to draw; `narrow` when the terminal has too few columns.
 */
export function qrRows(
  ticket: string,
  mode: QrMode,
  room: TerminalRoom | undefined,
  rest: number,
): readonly string[] | "narrow" {
  if (mode === "never" || mode === "auto" && room === undefined) return [];
  const rows = drawQr(qrModules(ticket));
  if (room === undefined) return rows;
  if (rows[0].length > room.columns) return mode === "auto" ? [] : "narrow";
  return mode === "auto" && rows.length + rest > room.rows ? [] : rows;
}
