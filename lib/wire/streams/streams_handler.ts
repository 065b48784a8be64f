/** What the streams of a connection tell its user. */

import type { Stream } from "./stream.ts";

/** What happens on streams. */
export interface StreamsHandler {
  onStream(stream: Stream): void;
  /** The peer allows more streams. */
  onStreamsAvailable(): void;
  /** Both ends are done with a stream: all that was sent on it has arrived. */
  onStreamEnd?(): void;
}
