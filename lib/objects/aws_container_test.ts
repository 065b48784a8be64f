import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { ConfigError } from "../errors.ts";
import { containerCredentials } from "./aws_container.ts";

const KEYS = { AccessKeyId: "AKIA1", SecretAccessKey: "hunter2", Token: "t" };

/** What a server is asked that answers, and what is made of it. */
async function asking(
  answer: () => Response,
  more: Record<string, string> = {},
) {
  const asked: (string | null)[] = [];
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    ({ headers }) => {
      asked.push(headers.get("authorization"));
      return answer();
    },
  );
  const env: Record<string, string> = {
    AWS_CONTAINER_CREDENTIALS_FULL_URI:
      `http://127.0.0.1:${server.addr.port}/role`,
    ...more,
  };
  const got = await containerCredentials((name) => env[name])?.get();
  return { got, asked };
}

Deno.test("credentials of a container come from where a variable says, with its token", async () => {
  const { got, asked } = await asking(() => Response.json(KEYS), {
    AWS_CONTAINER_AUTHORIZATION_TOKEN: "secret",
  });
  assertEquals(got, {
    accessKeyId: "AKIA1",
    secretAccessKey: "hunter2",
    sessionToken: "t",
  });
  assertEquals(asked, ["secret"]);
  const path = await Deno.makeTempFile();
  await Deno.writeTextFile(path, "of a file\n");
  const other = await asking(() => Response.json(KEYS), {
    AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: path,
  });
  assertEquals(other.asked, ["of a file"]);
  await Deno.remove(path);
});

Deno.test("without such a variable nobody is asked", () => {
  assertEquals(containerCredentials(() => undefined), undefined);
});

for (
  const [what, answer] of [
    ["an error", () => new Response("hunter2", { status: 500 })],
    ["a page", () => new Response("<html>hunter2")],
    ["another place", () => Response.redirect("http://192.0.2.1/")],
    ["more than any credentials", () => new Response("x".repeat(1_000_000))],
  ] as const
) {
  Deno.test(`${what} is no credentials, and no secret is told`, async () => {
    const error = await assertRejects(() => asking(answer), ConfigError);
    assertEquals(Deno.inspect(error).includes("hunter2"), false);
  });
}

Deno.test("nobody else is asked in the clear", () => {
  for (
    const [name, value] of [
      ["FULL", "http://192.0.2.1/role"],
      ["FULL", "http://127.0.0.1.example/role"],
      ["FULL", "file:///role"],
      ["FULL", "role"],
      ["RELATIVE", "@192.0.2.1/role"],
      ["RELATIVE", ".example/role"],
    ]
  ) {
    const variable = `AWS_CONTAINER_CREDENTIALS_${name}_URI`;
    assertThrows(
      () =>
        containerCredentials((asked) => asked === variable ? value : undefined),
      ConfigError,
      variable,
    );
  }
});
