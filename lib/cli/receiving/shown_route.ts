import type { Session } from "../../mesh/mod.ts";
import type { ReportProgress } from "../framework/progress/with_progress.ts";

/** The way to a node, which may change. */
export interface Way {
  readonly session: Pick<Session, "carrier" | "route">;
  /** The node attached to, which is another one where that is a relay. */
  readonly relay: bigint;
}

/**
 * How the bytes of a fetch come, for people, after whom they come from; nothing
 * where no relay has a part in it.
 */
export function shownRoute(way: Way | undefined): string {
  if (way === undefined) return "";
  const { session, relay } = way;
  // One that others may go inside of did not begin inside another one.
  if (session.carrier !== undefined) return "";
  return session.route === "direct"
    ? `, past relay ${relay}`
    : `, by way of relay ${relay}`;
}

/**
 * Tells of each change of the route, as part of the label.
 *
 * @returns To be called whenever something happens.
 */
export function routeWatch(
  label: string,
  way: Way | undefined,
): (report: ReportProgress | undefined) => void {
  let shown = shownRoute(way);
  return (report) => {
    // It has a text only where it began by way of a relay.
    if (shown === "") return;
    const now = shownRoute(way);
    if (now === shown) return;
    shown = now;
    report?.({ label: label + now });
  };
}
