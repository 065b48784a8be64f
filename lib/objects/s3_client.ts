import type { HttpRequest } from "./http_request.ts";
import {
  type Asking,
  type HttpAnswer,
  HttpRequests,
  type HttpRequestsOptions,
} from "./http_requests.ts";
import type { S3Config } from "./s3_config.ts";
import {
  isElsewhere,
  regionOf,
  s3Code,
  s3Failure,
  type S3Request,
} from "./s3_failure.ts";
import { knowsNoProxy } from "./knows_no_proxy.ts";
import { payloadHash } from "./s3_payload.ts";
import { s3Url } from "./s3_url.ts";

type Signer = typeof import("aws4fetch").AwsV4Signer;

/** A request to the bucket, or to an object in it. */
export interface S3Asking extends Omit<Asking, "make" | "isPassing"> {
  readonly method: HttpRequest["method"];
  /** Name of the object; without one it is the bucket. */
  readonly key?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer>;
}

/**
 * Signed requests to one bucket. One that AWS has in another region than was
 * said is asked for there.
 */
export class S3Client implements Disposable {
  readonly #bucket: string;
  readonly #signer?: Signer;
  readonly #requests: HttpRequests;
  /** Keys for signing, which are good for a day. */
  readonly #keys: Map<string, ArrayBuffer> = new Map();
  #config: S3Config;
  #wasMoved = false;
  /** Whether it goes to servers without a proxy. */
  readonly #isDirect = knowsNoProxy();

  private constructor(
    bucket: string,
    config: S3Config,
    signer: Signer | undefined,
    options: HttpRequestsOptions,
  ) {
    this.#bucket = bucket;
    this.#config = config;
    this.#signer = signer;
    this.#requests = new HttpRequests({ ...options, followRedirects: false });
  }

  /** Loads what it signs with; asks nothing yet. */
  static async open(
    bucket: string,
    config: S3Config,
    options: HttpRequestsOptions = {},
  ): Promise<S3Client> {
    const signer = config.credentials === undefined
      ? undefined
      : (await import("aws4fetch")).AwsV4Signer;
    return new S3Client(bucket, config, signer, options);
  }

  /**
   * Asks.
   *
   * @returns The answer, also one that refuses.
   */
  async send(asking: S3Asking): Promise<HttpAnswer> {
    const answer = await this.#sendOnce(asking);
    const region = isElsewhere(answer) ? regionOf(answer) : undefined;
    if (region === undefined) return answer;
    if (region !== this.#config.region) {
      // A server of somebody else is where it was said to be.
      const mayMove = this.#config.endpoint === undefined && !this.#wasMoved;
      if (!mayMove) return answer;
      this.#wasMoved = true;
      this.#config = { ...this.#config, region };
    }
    return await this.#sendOnce(asking);
  }

  /** Makes an error of an answer that refuses. */
  failure(answer: HttpAnswer, deed: S3Request["deed"]): Error {
    const config = this.#config;
    const { host } = s3Url(config, this.#bucket, "");
    return s3Failure(answer, { bucket: this.#bucket, deed, config, host });
  }

  /** Ends all requests. */
  [Symbol.dispose](): void {
    this.#requests[Symbol.dispose]();
  }

  #sendOnce(
    { method, key = "", query, body, ...asking }: S3Asking,
  ): Promise<HttpAnswer> {
    return this.#requests.send({
      ...asking,
      // A slow upload is answered so, too.
      isPassing: (answer) =>
        answer.status === 400 && s3Code(answer) === "RequestTimeout",
      make: async (range) => {
        const url = s3Url(this.#config, this.#bucket, key, query);
        const headers = range === undefined ? undefined : { range };
        const signed = await this.#sign({ method, url, headers, body });
        return { method, url, headers: signed, ...(body && { body }) };
      },
    });
  }

  async #sign({ method, url, headers = {}, body }: {
    method: string;
    url: URL;
    headers?: Record<string, string>;
    body?: Uint8Array<ArrayBuffer>;
  }): Promise<Record<string, string>> {
    const { renew, region } = this.#config;
    const credentials = await renew?.() ?? this.#config.credentials;
    if (this.#signer === undefined || credentials === undefined) return headers;
    const signed = await new this.#signer({
      ...credentials,
      method,
      url: url.href,
      headers: {
        ...headers,
        "x-amz-content-sha256": payloadHash(url, body, this.#isDirect),
      },
      service: "s3",
      region,
      cache: this.#keys,
    }).sign();
    return Object.fromEntries(signed.headers);
  }
}
