import { assertEquals } from "@std/assert";
import { elementText, isListing, parseListing } from "./s3_xml.ts";

const HEX = "ab".repeat(32);

const contents = (key: string, size = "7") =>
  `<Contents><Key>${key}</Key><ETag>&quot;x&quot;</ETag><Size>${size}</Size></Contents>`;

const listing = (...parts: string[]) =>
  `<?xml version="1.0"?>\n<ListBucketResult xmlns="http://s3.example/">${
    parts.join("")
  }</ListBucketResult>`;

Deno.test("parseListing reads chunks, and where the next page begins", () => {
  const page = listing(
    "<IsTruncated>true</IsTruncated>",
    "<NextContinuationToken>a&amp;b&#61;</NextContinuationToken>",
    contents(`my/prefix/blob/${HEX}`),
  );
  assertEquals(parseListing(page), {
    chunks: [{ hex: HEX, bytes: 7 }],
    next: "a&b=",
  });
});

Deno.test("parseListing leaves out what is no chunk, and knows the last page", () => {
  const page = listing(
    "<IsTruncated>false</IsTruncated>",
    "<NextContinuationToken>x</NextContinuationToken>",
    contents("blob/index.html"),
    contents(`blob/${HEX.toUpperCase()}`),
    contents(`blob/${HEX}/x`),
    contents(`blob/${HEX}`, "-1"),
    contents(`blob/${HEX}`, "9".repeat(99)),
    contents(`blob/${HEX}`, "0"),
  );
  assertEquals(parseListing(page), { chunks: [{ hex: HEX, bytes: 0 }] });
});

Deno.test("elementText gives text, with what stands for characters", () => {
  assertEquals(
    elementText("<a><Code>No &lt;x&gt; &#x41;</Code></a>", "Code"),
    "No <x> A",
  );
  assertEquals(elementText("<Code></Code>", "Code"), "");
  for (const xml of ["", "<Code", "<Code>never ends", "<code>x</code>"]) {
    assertEquals(elementText(xml, "Code"), undefined);
  }
  const hostile = '<!DOCTYPE a [<!ENTITY b "c">]><Code>&b;&#9999999;</Code>';
  assertEquals(elementText(hostile, "Code"), "&b;&#9999999;");
});

Deno.test("isListing tells a listing from a page", () => {
  assertEquals(isListing(listing()), true);
  assertEquals(isListing("<html>ListBucketResult</html>"), false);
});
