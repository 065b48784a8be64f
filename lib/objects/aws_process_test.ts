import { assert, assertEquals, assertRejects } from "@std/assert";
import { ConfigError } from "../errors.ts";
import { AWS_RENEW_MS } from "../limits.ts";
import { commandWords, ProcessCredentials } from "./aws_process.ts";

/** A command that prints what a script makes. */
function printing(script: string): string {
  return `"${Deno.execPath()}" eval '${script}'`;
}

const KEYS = { Version: 1, AccessKeyId: "AKIA1", SecretAccessKey: "hunter2" };

Deno.test("a command is cut into words as a shell does it that expands nothing", () => {
  for (
    const [command, ...words] of [
      ["a b  c", "a", "b", "c"],
      [` "a b" 'c "d' e\\ f`, "a b", 'c "d', "e f"],
      [`--x="y z"'w' "q\\"r\\n"`, "--x=y zw", 'q"r\\n'],
      ["$HOME ~ `a` ''", "$HOME", "~", "`a`", ""],
      [""],
    ]
  ) assertEquals(commandWords(command, false), words, command);
  assertEquals(
    commandWords('"C:\\Program Files\\a.exe" C:\\b', true),
    ["C:\\Program Files\\a.exe", "C:\\b"],
  );
});

Deno.test("credentials are what a program prints, which is run once while they hold", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const runs = `${dir}/runs`;
    const at = (ms: number) => new Date(Date.now() + ms).toISOString();
    for (
      const [expiration, expected] of [
        [undefined, 1],
        [at(10 * AWS_RENEW_MS), 1],
        [at(AWS_RENEW_MS / 2), 3],
      ] as const
    ) {
      await Deno.writeTextFile(runs, "");
      const printed = { ...KEYS, SessionToken: "t", Expiration: expiration };
      const process = new ProcessCredentials(
        printing(
          `Deno.writeTextFileSync("${runs}", "x", { append: true });` +
            `console.log(JSON.stringify(${JSON.stringify(printed)}))`,
        ),
        "mine",
      );
      for (let times = 0; times < 3; times++) {
        const [one, other] = await Promise.all([process.get(), process.get()]);
        assertEquals(one, {
          accessKeyId: "AKIA1",
          secretAccessKey: "hunter2",
          sessionToken: "t",
        });
        assertEquals(other, one);
      }
      assertEquals((await Deno.readTextFile(runs)).length, expected);
    }
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

for (
  const [what, command, said] of [
    ["that is not there", "/no/such/program", "cannot be run"],
    [
      "that fails",
      printing('console.error("sign on"); Deno.exit(1)'),
      "sign on",
    ],
    ["that prints no JSON", printing('console.log("hunter2")'), "prints no"],
    [
      "of another version",
      printing(
        `console.log(JSON.stringify(${
          JSON.stringify({ ...KEYS, Version: 2 })
        }))`,
      ),
      "prints no",
    ],
    [
      "that prints half of it",
      printing('console.log(JSON.stringify({Version: 1, AccessKeyId: "A"}))'),
      "prints no",
    ],
    [
      "that prints without end",
      printing('console.log(JSON.stringify("hunter2".repeat(100000)))'),
      "prints no",
    ],
    ["that is no command", "  ", "cannot be run"],
  ] as const
) {
  Deno.test(`a program ${what} is an error that tells no secret`, async () => {
    const process = new ProcessCredentials(command, "mine");
    const error = await assertRejects(() => process.get(), ConfigError, said);
    assert(error.message.includes('"mine"'));
    assert(!Deno.inspect(error).includes("hunter2hunter2"));
    assert(!error.message.includes("hunter2"));
  });
}
