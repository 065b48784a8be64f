/** Completion for fish, 3.1 and later. */

import type { Completes } from "../options/value_kind.ts";
import type { Place, Plan } from "./plan.ts";

function quote(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}

/** The part of a `complete` line that says what a value is. */
function source(completes: Completes, name: string): string {
  if (completes === "file") return "-F";
  if (completes === "directory") return "-a '(__fish_complete_directories)'";
  if (completes === "at_file") return `-a '(__${name}_at_files)'`;
  if (completes === "names") return `-a '(__${name}_names)'`;
  return `-a ${quote(completes.join(" "))}`;
}

function placeLines(
  { path, verbs, options, positions }: Place,
  plan: Plan,
): string[] {
  const { program, name } = plan;
  const head = `complete -c ${program} -n ${quote(`__${name}_at '${path}'`)}`;
  const optionLines = options.map(({ name: long, short, value, help }) =>
    [
      head,
      ...(short === undefined ? [] : [`-s ${short}`]),
      `-l ${long}`,
      ...(value === undefined
        ? []
        : [value.completes === "file" ? "-r" : "-x"]),
      ...(value?.completes === undefined
        ? []
        : [source(value.completes, name)]),
      `-d ${quote(help)}`,
    ].join(" ")
  );
  return [
    "",
    `# ${path === "" ? program : path}`,
    ...verbs.map((verb) => `${head} -a ${verb.name} -d ${quote(verb.summary)}`),
    ...optionLines,
    ...positions.flatMap(({ completes }) =>
      completes === undefined ? [] : [`${head} ${source(completes, name)}`]
    ),
  ];
}

export function fishCompletion(plan: Plan): string {
  const { program, name, names } = plan;
  const lines = plan.places.flatMap((place) => placeLines(place, plan));
  return `# Completion of ${program} for fish: ${program} completion fish | source

# The verb on the command line, and the option that names depend on.
function __${name}_walk
    set -g __${name}_path
    set -g __${name}_given
    set -l waiting ''
    for word in (commandline -opc)[2..-1]
        if test -n "$waiting"
            test $waiting = ${names.option}; and set __${name}_given ${names.option} $word
            set waiting ''
            continue
        end
        switch $word
            case '${names.option}=*'
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
    ${program} ${names.args} $__${name}_given 2>/dev/null
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
