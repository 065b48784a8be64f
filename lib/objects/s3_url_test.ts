import { assertEquals } from "@std/assert";
import { s3Url } from "./s3_url.ts";

const AWS = { region: "eu-central-1", pathStyle: false };
const OWN = {
  endpoint: new URL("http://127.0.0.1:9000"),
  region: "us-east-1",
  pathStyle: true,
};

Deno.test("s3Url puts the bucket into the host at AWS, unless its name has dots", () => {
  assertEquals(
    s3Url(AWS, "photos", "a/b").href,
    "https://photos.s3.eu-central-1.amazonaws.com/a/b",
  );
  assertEquals(
    s3Url(AWS, "my.photos", "a").href,
    "https://s3.eu-central-1.amazonaws.com/my.photos/a",
  );
  assertEquals(
    s3Url({ ...AWS, region: "cn-north-1" }, "photos", "a").host,
    "photos.s3.cn-north-1.amazonaws.com.cn",
  );
});

Deno.test("s3Url puts the bucket into the path of another endpoint, or the host if told so", () => {
  assertEquals(
    s3Url(OWN, "photos", "a").href,
    "http://127.0.0.1:9000/photos/a",
  );
  const below = { ...OWN, endpoint: new URL("https://a.example/s3/") };
  assertEquals(
    s3Url(below, "photos", "a").href,
    "https://a.example/s3/photos/a",
  );
  assertEquals(
    s3Url({ ...below, pathStyle: false }, "photos", "a").href,
    "https://photos.a.example/s3/a",
  );
});

Deno.test("s3Url escapes what the signature escapes", () => {
  assertEquals(
    s3Url(OWN, "photos", "a b/ü+(1)!").href,
    "http://127.0.0.1:9000/photos/a%20b/%C3%BC%2B%281%29%21",
  );
  assertEquals(
    s3Url(OWN, "photos", "", { prefix: "a b/", "list-type": "2" }).search,
    "?prefix=a%20b%2F&list-type=2",
  );
});
