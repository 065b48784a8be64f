/**
 * Completion for zsh.
 *
 * @module
 */

import type { OptionSpec } from "../options/option.ts";
import type { Completes } from "../options/value_kind.ts";
import { type Place, type Plan, type Position, spellings } from "./plan.ts";

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Escapes what `_arguments` and `_describe` would read themselves. */
function escape(text: string): string {
  return text.replace(/[\\:[\]]/g, "\\$&");
}

function action(completes: Completes | undefined, name: string): string {
  if (completes === undefined) return " ";
  if (completes === "file") return "_files";
  if (completes === "directory") return "_files -/";
  if (completes === "at_file") return `_${name}_at_files`;
  if (completes === "names") return `_${name}_names`;
  return `(${completes.join(" ")})`;
}

function optionLines(spec: OptionSpec, name: string): string[] {
  const names = spellings(spec);
  const repeated = spec.form === "count" || spec.form === "values";
  const excluded = [
    ...(repeated ? [] : names),
    ...(spec.conflicts ?? []).map((other) => `--${other}`),
  ];
  const prefix = (excluded.length > 0 ? `(${excluded.join(" ")})` : "") +
    (repeated ? "*" : "");
  const value = spec.value === undefined
    ? ""
    : `:${escape(spec.value.metavar)}:${action(spec.value.completes, name)}`;
  return names.map((typed) => {
    const joined = spec.value === undefined
      ? ""
      : typed.startsWith("--")
      ? "="
      : "+";
    return quote(`${prefix}${typed}${joined}[${escape(spec.help)}]${value}`);
  });
}

function positionLine(
  { metavar, completes, repeated }: Position,
  index: number,
  name: string,
): string {
  const place = repeated ? "*" : String(index + 1);
  return quote(`${place}:${escape(metavar)}:${action(completes, name)}`);
}

function functionOf(path: string, program: string): string {
  return `_${[program, ...path.split(" ").filter(Boolean)].join("-")}`;
}

function placeFunction(place: Place, plan: Plan, name: string): string {
  const { program } = plan;
  const { path, verbs, options, positions } = place;
  const lines = options.flatMap((spec) => optionLines(spec, name));
  const head = `${functionOf(path, program)}() {`;
  if (verbs.length === 0) {
    const all = [
      ...lines,
      ...positions.map((position, index) =>
        positionLine(position, index, name)
      ),
    ];
    return [
      head,
      "    _arguments -s -S : \\",
      `        ${all.join(" \\\n        ")}`,
      "}",
    ].join("\n");
  }
  const described = verbs.map(({ word, does }) =>
    quote(`${word}:${escape(does)}`)
  );
  const branches = verbs.map(({ word }) =>
    `            ${word}) ${
      functionOf(path === "" ? word : `${path} ${word}`, program)
    } && ret=0 ;;`
  );
  const transparent = path === ""
    ? `            ${plan.transparent.join(" | ")}) ${
      functionOf("", program)
    } && ret=0 ;;\n`
    : "";
  return `${head}
    local context state state_descr line ret=1
    typeset -A opt_args
    local -a verbs=(
        ${described.join("\n        ")}
    )
    _arguments -s -S -C : \\
        ${lines.join(" \\\n        ")} \\
        '1: :->verb' \\
        '*:: :->rest' && ret=0
    case $state in
        verb) _describe -t verbs verb verbs && ret=0 ;;
        rest)
            case $line[1] in
${transparent}${branches.join("\n")}
            esac
            ;;
    esac
    return ret
}`;
}

/** Writes the script. */
export function zshCompletion(plan: Plan): string {
  const { program, places } = plan;
  const name = program.replaceAll("-", "_");
  const main = functionOf("", program);
  return `#compdef ${program}
# Completion of ${program} for zsh: a file named ${main} in a directory of
# $fpath, or: source <(${program} completion zsh)

_${name}_names() {
    local -a names given
    [[ -n $opt_args[${plan.names.option}] ]] && given=(${plan.names.option} \${(Q)opt_args[${plan.names.option}]})
    names=(\${(f)"$(${program} ${plan.names.args} $given 2>/dev/null)"})
    compadd -a names
}

_${name}_at_files() {
    compset -P @ && _files
}

${places.map((place) => placeFunction(place, plan, name)).join("\n\n")}

if [[ $funcstack[1] == ${main} ]]; then
    ${main} "$@"
else
    compdef ${main} ${program}
fi
`;
}
