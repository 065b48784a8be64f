/** What is asked over HTTP, and what is answered. */

import type { HttpFields } from "./http_head.ts";

/** What is asked. */
export interface HttpRequest {
  readonly method: "GET" | "HEAD" | "PUT";
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer>;
}

/** What is answered, but for the body. */
export interface HttpHead {
  readonly status: number;
  readonly headers: HttpFields;
}
