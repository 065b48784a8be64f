/** The part of S3 that a store of chunks uses, in memory. */

import { checkSignature } from "./check_signature.ts";
import type { Script } from "./scripted_server.ts";

/** The key that it knows, and its secret. */
export const S3_KEY = "AKIA1";
export const S3_SECRET = "hunter2/+=";

/** Objects of one bucket, by `/BUCKET/KEY`, and what was asked. */
export class SmallS3 {
  readonly objects = new Map<string, Uint8Array>();
  /** `PUT`, `GET`, `HEAD`, `LIST`, in order. */
  readonly asked: string[] = [];
  /** Whether objects may be read without a signature. */
  isPublic = false;
  /** Told of a new object. */
  onPut?: (path: string, body: Uint8Array) => void;
  /** Answers instead of it when it gives something. */
  instead?: (deed: string) => { status: number; code: string } | undefined;

  /** @param bucket The only one. @param page Names on a page of a listing. */
  constructor(readonly bucket = "photos", readonly page = 1000) {}

  /** How often something was asked. */
  count(deed: string): number {
    return this.asked.filter((asked) => asked === deed).length;
  }

  readonly script: Script = async (request, answer) => {
    const { method, target, body, headers } = request;
    const url = new URL(target, "http://x");
    const deed = url.searchParams.has("list-type") ? "LIST" : method;
    this.asked.push(deed);
    const error = (status: number, code: string) =>
      answer.send(
        status,
        `<Error><Code>${code}</Code><Message>no</Message></Error>`,
      );
    const instead = this.instead?.(deed);
    if (instead !== undefined) return await error(instead.status, instead.code);
    const mayPass = this.isPublic && deed === "GET" &&
      !headers.has("authorization");
    const wrong = mayPass
      ? undefined
      : checkSignature(request, { [S3_KEY]: S3_SECRET }, Date.now());
    if (wrong !== undefined) return await error(403, wrong);
    if (url.pathname.split("/")[1] !== this.bucket) {
      return await error(404, "NoSuchBucket");
    }
    if (deed === "LIST") return await answer.send(200, this.#list(url));
    if (deed === "PUT") {
      this.objects.set(url.pathname, body);
      this.onPut?.(url.pathname, body);
      return await answer.send(200);
    }
    const found = this.objects.get(url.pathname);
    if (found === undefined) return await error(404, "NoSuchKey");
    await answer.send(200, found);
  };

  #list({ pathname, searchParams }: URL): string {
    const start = `${decodeURIComponent(pathname)}${
      pathname.endsWith("/") ? "" : "/"
    }`;
    const prefix = start + (searchParams.get("prefix") ?? "");
    const found = [...this.objects]
      .map(([name, { length }]) => ({ name: decodeURIComponent(name), length }))
      .filter(({ name }) => name.startsWith(prefix))
      .sort((one, other) => one.name < other.name ? -1 : 1);
    const from = Number(searchParams.get("continuation-token") ?? 0);
    const to = from + this.page;
    const rows = found.slice(from, to).map(({ name, length }) =>
      `<Contents><Key>${
        name.slice(start.length).replace(/[<&]/g, "_")
      }</Key><Size>${length}</Size></Contents>`
    );
    const more = to < found.length;
    return `<ListBucketResult><IsTruncated>${more}</IsTruncated>${
      more ? `<NextContinuationToken>${to}</NextContinuationToken>` : ""
    }${rows.join("")}</ListBucketResult>`;
  }
}
