import type { NodeRates } from "../../mesh/mod.ts";
import type { Fields } from "../framework/output/report.ts";

/** The limits of a node as result fields: bytes per second, null for none. */
export function rateFields({ total, session }: NodeRates): Fields {
  const field = (rate: number) => Number.isFinite(rate) ? rate : null;
  return { limit_rate: field(total), limit_rate_session: field(session) };
}
