/** What the runtime's fetch looks at, in either case. */
const VARIABLES = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] as const;

/**
 * Whether it is known that no proxy is to be used: a process that may not read
 * the variables does not know, and leaves it to the runtime.
 */
export function knowsNoProxy(): boolean {
  return VARIABLES.flatMap((name) => [name, name.toLowerCase()])
    .every((variable) => {
      const grant = { name: "env", variable } as const;
      return Deno.permissions.querySync(grant).state === "granted" &&
        !Deno.env.get(variable);
    });
}
