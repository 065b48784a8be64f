import { assert, assertEquals, assertThrows } from "@std/assert";
import { parseToml } from "./toml.ts";

Deno.test("parseToml reads what TOML 1.0 has", () => {
  const text = `\uFEFF# a comment with é\r
[default]\r
"node addr" = "a\\tb \\u00e9 \\U0001F600"
'literal' = 'C:\\dir'
many = """
one \\
   two
"""
raw = '''it's'''
hex = 0xDEAD_beef
octal = 0o755
binary = 0b1010
large = 18446744073709551615
plus = +1_000
float = 6.26e-1
inf = -inf
yes = true
list = [ "a", # first
  "b", ]
inline = { x = 1, y.z = 2 }
dotted.key = 1
date = 2024-05-06T07:08:09Z

[[rows]]
n = 1
[[rows]]
n = 2
[profiles."a b"]
`;
  const { default: table, rows, profiles } = JSON.parse(
    JSON.stringify(
      parseToml(text),
      (_, value) => typeof value === "bigint" ? `${value}n` : value,
    ),
  );
  assertEquals(table, {
    "node addr": "a\tb é 😀",
    literal: "C:\\dir",
    many: "one two\n",
    raw: "it's",
    hex: 0xdeadbeef,
    octal: 0o755,
    binary: 10,
    large: "18446744073709551615n",
    plus: 1000,
    float: 0.626,
    inf: null,
    yes: true,
    list: ["a", "b"],
    inline: { x: 1, y: { z: 2 } },
    dotted: { key: 1 },
    date: "2024-05-06T07:08:09.000Z",
  });
  assertEquals(rows, [{ n: 1 }, { n: 2 }]);
  assertEquals(profiles, { "a b": {} });
});

Deno.test("parseToml says where and why, and that a key stands twice", () => {
  const cases: [string, string][] = [
    ["a = 1\na = 2", "line 2, column 1: trying to redefine"],
    ["[a]\nb = 1\n[a]", "line 3, column 2: trying to redefine"],
    ["a = { b = 1, b = 2 }", "(set twice)"],
    ["[default]\n  key = word", "line 2, column 9: invalid value (texts stand"],
    ["this is not toml", "line 1, column 6: illegal character in key"],
    ["[default", "line 1, column "],
    ["a = 1 b = 2", "must be followed by an end-of-line"],
    ['a = "\x01"', "control characters are not allowed"],
    ["a = 01", "illegal leading zero"],
    ["a = [1,", "unfinished array"],
  ];
  for (const [text, message] of cases) {
    assertThrows(() => parseToml(text), SyntaxError, message, text);
  }
});

Deno.test("an error of parseToml never repeats a secret, however it is cut or quoted", () => {
  const secret = "5ec2e7".repeat(10);
  const texts = ["psk_hex", "ticket", "seed_hex", "anything"].flatMap((key) => [
    `${key} = ${secret}`,
    `${key} = "${secret}`,
    `${key} = '${secret}`,
    `${key} = """${secret}`,
    `${key} = "${secret}\n"`,
    `${key} = "${secret}\\q"`,
    `${key} = "${secret}" "${secret}"`,
    `${key} = ["${secret}"`,
    `${key} = { a = "${secret}"`,
    `${key} "${secret}"`,
    `${key}: ${secret}`,
    `${key} = 0x${secret}zz`,
    `x = 1\n${key} = "${secret}"\nx = 2\n${key} = "${secret}"`,
    `${key} = "${secret}"\n[[${key}]]`,
    `"${secret}`,
    `${secret}`,
  ]);
  for (const text of texts) {
    const error: unknown = assertThrows(() => parseToml(text), SyntaxError);
    const shown = `${error} ${Deno.inspect(error)}`.toLowerCase();
    assert(!shown.includes(secret.slice(0, 12)), text);
    assert(!shown.includes(`psk_hex "`), text);
  }
});

Deno.test("a table of parseToml has no prototype to reach", () => {
  const table = parseToml("__proto__ = { polluted = true }\n");
  assertEquals(Object.hasOwn(Object.prototype, "polluted"), false);
  assertEquals(Object.keys(table), ["__proto__"]);
});
