import { assert, assertEquals, assertRejects } from "@std/assert";
import { ConfigError } from "../errors.ts";
import { commandWords, processCredentials } from "./aws_process.ts";

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

Deno.test("credentials are what a program prints", async () => {
  const printed = { ...KEYS, SessionToken: "t" };
  const script = `console.log(JSON.stringify(${JSON.stringify(printed)}))`;
  assertEquals(await processCredentials(printing(script), "mine").get(), {
    accessKeyId: "AKIA1",
    secretAccessKey: "hunter2",
    sessionToken: "t",
  });
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
    const process = processCredentials(command, "mine");
    const error = await assertRejects(() => process.get(), ConfigError, said);
    assert(error.message.includes('"mine"'));
    assert(!Deno.inspect(error).includes("hunter2hunter2"));
    assert(!error.message.includes("hunter2"));
  });
}
