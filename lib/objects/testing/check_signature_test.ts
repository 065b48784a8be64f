import { assertEquals } from "@std/assert";
import { checkSignature } from "./check_signature.ts";

const SECRETS = {
  AKIAIOSFODNN7EXAMPLE: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
};
const NOW = Date.parse("2013-05-24T00:00:00Z");

/** The example of the description of Signature Version 4 for S3. */
const EXAMPLE = {
  method: "GET",
  target: "/test.txt",
  headers: new Headers({
    host: "examplebucket.s3.amazonaws.com",
    range: "bytes=0-9",
    "x-amz-content-sha256":
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "x-amz-date": "20130524T000000Z",
    authorization:
      "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
  }),
};

Deno.test("the example of the description is right", () => {
  assertEquals(checkSignature(EXAMPLE, SECRETS, NOW), undefined);
});

Deno.test("another request, body, key, secret or time is not", () => {
  assertEquals(
    checkSignature({ ...EXAMPLE, target: "/other.txt" }, SECRETS, NOW),
    "SignatureDoesNotMatch",
  );
  assertEquals(
    checkSignature({ ...EXAMPLE, body: new Uint8Array(1) }, SECRETS, NOW),
    "XAmzContentSHA256Mismatch",
  );
  assertEquals(checkSignature(EXAMPLE, {}, NOW), "InvalidAccessKeyId");
  const wrong = { AKIAIOSFODNN7EXAMPLE: "x" };
  assertEquals(checkSignature(EXAMPLE, wrong, NOW), "SignatureDoesNotMatch");
  assertEquals(
    checkSignature(EXAMPLE, SECRETS, NOW + 3_600_000),
    "RequestTimeTooSkewed",
  );
});
