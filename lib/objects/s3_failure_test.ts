import { assert, assertEquals } from "@std/assert";
import type { S3Config } from "./s3_config.ts";
import { isElsewhere, regionOf, s3Failure } from "./s3_failure.ts";

const CONFIG: S3Config = {
  region: "us-east-1",
  pathStyle: false,
  lookedIn: ["AWS_ACCESS_KEY_ID", "/home/me/.aws/credentials"],
  credentials: { accessKeyId: "AKIAHUNTER2", secretAccessKey: "hunter2" },
};

function answer(status: number, code = "", more = "", headers = {}) {
  const xml = code && `<Error><Code>${code}</Code>${more}</Error>`;
  const bytes = new Uint8Array(new TextEncoder().encode(xml));
  return { status, headers: new Headers(headers), bytes };
}

function failure(
  to: ReturnType<typeof answer>,
  config: S3Config = CONFIG,
) {
  const host = "s3.example";
  const request = { bucket: "photos", deed: "read", config, host } as const;
  return s3Failure(to, request);
}

Deno.test("each refusal says what it is and what to do", () => {
  for (
    const [status, code, kind, message, hint] of [
      [
        404,
        "NoSuchBucket",
        "not_found",
        /no bucket photos/,
        /AWS_ENDPOINT_URL/,
      ],
      [403, "AccessDenied", "permission", /may not be read/, /s3:GetObject/],
      [
        403,
        "InvalidAccessKeyId",
        "permission",
        /access key/,
        /AWS_ACCESS_KEY_ID/,
      ],
      [403, "SignatureDoesNotMatch", "permission", /signature/, /SECRET/],
      [403, "RequestTimeTooSkewed", "permission", /another time/, /clock/],
      [400, "ExpiredToken", "permission", /over/, /AWS_SESSION_TOKEN/],
      [400, "InvalidBucketName", "usage", /no name for a bucket/, /^$/],
      [
        400,
        "AuthorizationHeaderMalformed",
        "config",
        /another region/,
        /AWS_REGION/,
      ],
      [507, "XMinioStorageFull", "store", /no room/, /^$/],
      [418, "Teapot", "store", /418 Teapot/, /^$/],
    ] as const
  ) {
    const error = failure(answer(status, code));
    assertEquals(error.kind, kind, code);
    assert(message.test(error.message), error.message);
    assert(hint.test(error.hint ?? ""), error.hint);
  }
});

Deno.test("a refusal without credentials says where they were looked for", () => {
  const { credentials: _, ...config } = CONFIG;
  const { hint } = failure(answer(403, "AccessDenied"), config);
  assert(/\.aws\/credentials/.test(hint ?? ""), hint);
});

Deno.test("the time of the server is told", () => {
  const time = "<ServerTime>2026-01-02T03:04:05Z</ServerTime>";
  const { message } = failure(answer(403, "RequestTimeTooSkewed", time));
  assert(message.includes("2026-01-02T03:04:05"), message);
});

Deno.test("the region of a bucket is taken from the answer if it is one", () => {
  const moved = answer(301, "PermanentRedirect", "", {
    "x-amz-bucket-region": "eu-west-1",
  });
  assert(isElsewhere(moved));
  assertEquals(regionOf(moved), "eu-west-1");
  assert(failure(moved).hint?.includes("eu-west-1"));
  const evil = "<Region>evil.example/x</Region>";
  assertEquals(regionOf(answer(301, "PermanentRedirect", evil)), undefined);
});

Deno.test("what a server says is shown harmlessly, and no secret of ours", () => {
  const said = `<Message>\x1b[2J${"x".repeat(10_000)}</Message>`;
  const error = failure(answer(400, "Odd", said));
  assert(!error.message.includes("\x1b") && error.message.length < 400);
  assert(!/hunter2/i.test(Deno.inspect(error)));
});
