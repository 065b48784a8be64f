/**
 * Completion for fish, 3.1 and later.
 *
 * @module
 */

import type { OptionSpec } from "../options/option.ts";
import type { Completes } from "../options/value_kind.ts";
import type { Plan } from "./plan.ts";

function quote(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}

/** The part of a `complete` line that says what a value is. */
function source(completes: Completes | undefined, name: string): string {
  if (completes === undefined) return "-x";
  if (completes === "file") return "-r -F";
  if (completes === "directory") return `-x -a '(__fish_complete_directories)'`;
  if (completes === "at_file") return `-x -a '(__${name}_at_files)'`;
  if (completes === "names") return `-x -a '(__${name}_names)'`;
  return `-x -a ${quote(completes.join(" "))}`;
}

/** Writes the script. */
export function fishCompletion(plan: Plan): string {
  const { program, places } = plan;
  const name = program.replaceAll("-", "_");
  const at = (path: string) => `-n ${quote(`__${name}_at '${path}'`)}`;
  const option = (path: string, spec: OptionSpec): string =>
    [
      `complete -c ${program}`,
      at(path),
      ...(spec.short === undefined ? [] : [`-s ${spec.short}`]),
      `-l ${spec.name}`,
      ...(spec.value === undefined ? [] : [source(spec.value.completes, name)]),
      `-d ${quote(spec.help)}`,
    ].join(" ");
  const lines = places.flatMap(({ path, verbs, options, positions }) => [
    "",
    `# ${path === "" ? program : path}`,
    ...verbs.map(({ word, does }) =>
      `complete -c ${program} ${at(path)} -a ${word} -d ${quote(does)}`
    ),
    ...options.map((spec) => option(path, spec)),
    ...positions.flatMap(({ completes }) =>
      completes === undefined
        ? []
        : completes === "file"
        ? [`complete -c ${program} ${at(path)} -F`]
        : [
          `complete -c ${program} ${at(path)} ${
            source(completes, name).replace("-x ", "")
          }`,
        ]
    ),
  ]);
  return `# Completion of ${program} for fish: ${program} completion fish | source

# The verb on the command line, and the option that names depend on.
function __${name}_walk
    set -g __${name}_path
    set -g __${name}_given
    set -l waiting ''
    for word in (commandline -opc)[2..-1]
        if test -n "$waiting"
            test $waiting = ${plan.names.option}; and set __${name}_given ${plan.names.option} $word
            set waiting ''
            continue
        end
        switch $word
            case '${plan.names.option}=*'
                set __${name}_given $word
            case '--*=*'
            case ${plan.valued.map(quote).join(" ")}
                set waiting $word
            case '-*'
            case '*'
                if test (count $__${name}_path) = 0
                    contains -- $word ${plan.transparent.join(" ")}
                    or set __${name}_path $word
                else if test (count $__${name}_path) = 1
                    contains -- $__${name}_path[1] ${plan.groups.join(" ")}
                    and set -a __${name}_path $word
                end
        end
    end
end

function __${name}_at
    __${name}_walk
    test "$__${name}_path" = "$argv[1]"
end

function __${name}_names
    __${name}_walk
    ${program} ${plan.names.args} $__${name}_given 2>/dev/null
end

function __${name}_at_files
    set -l token (commandline -ct | string replace -r '^--[^=]*=' '')
    string match -q '@*' -- $token
    and for path in (__fish_complete_path (string sub -s 2 -- $token))
        echo "@$path"
    end
end

complete -c ${program} -e
complete -c ${program} -f
${lines.join("\n")}
`;
}
