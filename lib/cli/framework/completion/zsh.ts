/** Completion for zsh. */

import { type Option, spellings } from "../options/option.ts";
import type { Completes } from "../options/value_kind.ts";
import type { Place, Plan } from "./plan.ts";

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

function optionLines(spec: Option, name: string): string[] {
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

function functionOf(path: string, program: string): string {
  return `_${`${program} ${path}`.trim().replaceAll(" ", "-")}`;
}

function verbBody({ options, positions }: Place, name: string): string {
  const lines = [
    ...options.flatMap((spec) => optionLines(spec, name)),
    ...positions.map(({ metavar, completes, repeated }, index) =>
      quote(
        `${repeated ? "*" : index + 1}:${escape(metavar)}:${
          action(completes, name)
        }`,
      )
    ),
  ];
  return `    _arguments -s -S : \\
        ${lines.join(" \\\n        ")}`;
}

/** The function of a group or the program: options, and a verb to go on with. */
function groupBody({ path, verbs, options }: Place, plan: Plan): string {
  const { program, transparent } = plan;
  const branch = (words: string, to: string) =>
    `            ${words}) ${functionOf(to, program)} && ret=0 ;;`;
  const branches = [
    ...(path === "" ? [branch(transparent.join(" | "), "")] : []),
    ...verbs.map(({ name }) => branch(name, `${path} ${name}`.trim())),
  ];
  const described = verbs.map(({ name, summary }) =>
    quote(`${name}:${escape(summary)}`)
  );
  return `    local context state state_descr line ret=1
    typeset -A opt_args
    local -a verbs=(
        ${described.join("\n        ")}
    )
    _arguments -s -S -C : \\
        ${
    options.flatMap((spec) => optionLines(spec, plan.name)).join(
      " \\\n        ",
    )
  } \\
        '1: :->verb' \\
        '*:: :->rest' && ret=0
    case $state in
        verb) _describe -t verbs verb verbs && ret=0 ;;
        rest)
            case $line[1] in
${branches.join("\n")}
            esac
            ;;
    esac
    return ret`;
}

export function zshCompletion(plan: Plan): string {
  const { program, name, names, places } = plan;
  const main = functionOf("", program);
  const functions = places.map((place) =>
    `${functionOf(place.path, program)}() {\n${
      place.verbs.length === 0 ? verbBody(place, name) : groupBody(place, plan)
    }\n}`
  );
  return `#compdef ${program}
# Completion of ${program} for zsh: a file named ${main} in a directory of
# $fpath, or: source <(${program} completion zsh)

_${name}_names() {
    local -a names given
    [[ -n $opt_args[${names.option}] ]] && given=(${names.option} \${(Q)opt_args[${names.option}]})
    names=(\${(f)"$(${program} ${names.args} $given 2>/dev/null)"})
    compadd -a names
}

_${name}_at_files() {
    compset -P @ && _files
}

${functions.join("\n\n")}

if [[ $funcstack[1] == ${main} ]]; then
    ${main} "$@"
else
    compdef ${main} ${program}
fi
`;
}
