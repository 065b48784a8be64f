import { assert, assertEquals, assertRejects } from "@std/assert";
import { ConfigError, PermissionError } from "../errors.ts";
import { readS3Config } from "./s3_config.ts";

const KEYS = {
  AWS_ACCESS_KEY_ID: "AKIA1",
  AWS_SECRET_ACCESS_KEY: "abc/+=1",
};

/** Reads from variables, and from files below a home directory. */
async function read(
  env: Record<string, string>,
  files: Record<string, string> = {},
) {
  const home = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${home}/.aws`);
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(`${home}/.aws/${name}`, text, { mode: 0o600 });
    }
    const all: Record<string, string> = { HOME: home, ...env };
    const problems: string[] = [];
    const config = await readS3Config({
      readEnv: (name) => all[name],
      onProblem: (message) => problems.push(message),
    });
    return { ...config, problems };
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

const CREDENTIALS = `
# a comment
[default]
aws_access_key_id = AKIADEFAULT
aws_secret_access_key=s3cret/with+signs=

[other.one]
AWS_ACCESS_KEY_ID = AKIAOTHER
aws_secret_access_key = other
aws_session_token = token==
`;

const CONFIG = `
[default]
region = eu-west-1
[profile other.one]
region = eu-north-1
endpoint_url = https://minio.example:9000
s3 =
  addressing_style = virtual
[profile by-role]
role_arn = arn:aws:iam::1:role/x
[profile by-program]
credential_process = ${Deno.execPath()} eval "console.log('no JSON hunter2')"
`;

Deno.test("variables are enough, and no file is read then", async () => {
  const config = await read({ ...KEYS, AWS_REGION: "eu-south-1" }, {
    credentials: "[this cannot",
  });
  assertEquals(config.credentials, {
    accessKeyId: "AKIA1",
    secretAccessKey: "abc/+=1",
  });
  assertEquals(config.region, "eu-south-1");
  assertEquals(config.pathStyle, false);
});

Deno.test("the default profile is read from both files", async () => {
  const config = await read({}, { credentials: CREDENTIALS, config: CONFIG });
  assertEquals(config.credentials, {
    accessKeyId: "AKIADEFAULT",
    secretAccessKey: "s3cret/with+signs=",
  });
  assertEquals(config.region, "eu-west-1");
});

Deno.test("AWS_PROFILE names another, with its endpoint", async () => {
  const config = await read({ AWS_PROFILE: "other.one" }, {
    credentials: CREDENTIALS,
    config: CONFIG,
  });
  assertEquals(config.credentials, {
    accessKeyId: "AKIAOTHER",
    secretAccessKey: "other",
    sessionToken: "token==",
  });
  assertEquals(
    [config.region, config.endpoint?.href, config.pathStyle],
    ["eu-north-1", "https://minio.example:9000/", false],
  );
});

Deno.test("variables come before files, and the one for S3 before the other", async () => {
  const config = await read({
    ...KEYS,
    AWS_DEFAULT_REGION: "eu-south-2",
    AWS_ENDPOINT_URL: "http://one.example",
    AWS_ENDPOINT_URL_S3: "http://two.example",
  }, { credentials: CREDENTIALS, config: CONFIG });
  assertEquals(config.credentials?.accessKeyId, "AKIA1");
  assertEquals(config.region, "eu-south-2");
  assertEquals(config.endpoint?.host, "two.example");
  assertEquals(config.pathStyle, true);
});

Deno.test("nothing at all is no error: a bucket may be public", async () => {
  const { credentials, region, lookedIn } = await read({});
  assertEquals([credentials, region], [undefined, "us-east-1"]);
  assertEquals(lookedIn.length, 3);
});

Deno.test("files may lie elsewhere", async () => {
  const path = await Deno.makeTempFile();
  await Deno.writeTextFile(path, CREDENTIALS);
  const config = await read({ AWS_SHARED_CREDENTIALS_FILE: path });
  assertEquals(config.credentials?.accessKeyId, "AKIADEFAULT");
  await Deno.remove(path);
});

Deno.test("credentials that others can read are warned of", async () => {
  if (Deno.build.os === "windows") return;
  const path = await Deno.makeTempFile();
  await Deno.writeTextFile(path, CREDENTIALS);
  await Deno.chmod(path, 0o644);
  const { problems } = await read({ AWS_SHARED_CREDENTIALS_FILE: path });
  assert(problems.some((problem) => problem.includes("chmod 600")));
  await Deno.remove(path);
});

Deno.test("a program is only run that nobody else can have named", async () => {
  if (Deno.build.os === "windows") return;
  const home = await Deno.makeTempDir();
  try {
    const path = `${home}/config`;
    const keys = { Version: 1, AccessKeyId: "A", SecretAccessKey: "B" };
    await Deno.writeTextFile(
      path,
      `[default]\ncredential_process = printf %s '${JSON.stringify(keys)}'\n`,
    );
    const readIt = () =>
      readS3Config({
        readEnv: (name) => name === "AWS_CONFIG_FILE" ? path : undefined,
      });
    const modes = [[0o600, 0o755], [0o666, 0o755], [0o600, 0o777]];
    for (const [file, directory] of modes) {
      await Deno.chmod(path, file);
      await Deno.chmod(home, directory);
      if (file === 0o600 && directory === 0o755) {
        assertEquals((await readIt()).credentials?.accessKeyId, "A");
      } else {
        const error = await assertRejects(readIt, PermissionError);
        assert(error.message.includes("others may"), error.message);
      }
    }
  } finally {
    await Deno.remove(home, { recursive: true });
  }
});

for (
  const [what, env, files] of [
    ["half of a pair of keys", { AWS_ACCESS_KEY_ID: "AKIA1" }, {}],
    ["a profile that is not there", { AWS_PROFILE: "nobody" }, {
      config: CONFIG,
    }],
    ["a profile with a role", { AWS_PROFILE: "by-role" }, { config: CONFIG }],
    ["a token file of a cluster", {
      AWS_WEB_IDENTITY_TOKEN_FILE: "/var/run/token",
    }, {}],
    ["a program that prints no credentials", { AWS_PROFILE: "by-program" }, {
      config: CONFIG,
    }],
    ["an endpoint that is no URL", { ...KEYS, AWS_ENDPOINT_URL: "minio" }, {}],
    ["an endpoint with a password", {
      ...KEYS,
      AWS_ENDPOINT_URL: "http://me:hunter2@minio.example",
    }, {}],
  ] as [string, Record<string, string>, Record<string, string>][]
) {
  Deno.test(`${what} is an error that tells no secret`, async () => {
    const error = await assertRejects(() => read(env, files), ConfigError);
    assert(!/hunter2/.test(Deno.inspect(error)));
  });
}
