/** Completion for bash, 3.2 and later, without the bash-completion package. */

import { spellings } from "../options/option.ts";
import type { Plan, Rule } from "./plan.ts";

/** Cases that complete alike in one line each. */
function cases(rules: readonly Rule[]): string {
  const byKind = Map.groupBy(
    rules,
    ({ completes }) =>
      typeof completes === "string"
        ? completes
        : `words ${completes.join(" ")}`,
  );
  return [...byKind].map(([kind, alike]) => {
    const patterns = alike.map(({ key }) => key.replaceAll(" ", "\\ "));
    return `        ${patterns.join(" | ")}) kind='${kind}' ;;`;
  }).join("\n");
}

/**
 * For bash 3.2 and later, without the bash-completion package; one text, hence
 * the length.
 */
export function bashCompletion(plan: Plan): string {
  const { program, name, groups, names } = plan;
  const words = plan.places.map(({ path, verbs, options }) => {
    const dashed = options.flatMap(spellings).join(" ");
    const plain = verbs.map((verb) => verb.name).join(" ");
    return `        '${path}') verbs='${plain}' options='${dashed}' ;;`;
  });
  return `# Completion of ${program} for bash: source <(${program} completion bash)

_${name}() {
    local program=$1 line=\${COMP_LINE:0:COMP_POINT} typed cur option=''
    local path='' position=0 given='' kind='' verbs='' options='' candidate
    local -a before
    COMPREPLY=()
    # Split at blanks only: bash itself also splits at '=', ':' and '@'.
    read -a before <<<"$line"
    typed=''
    if [[ $line != *[[:space:]] ]]; then
        typed=\${before[\${#before[@]} - 1]}
        unset "before[\${#before[@]} - 1]"
    fi

    local index=1 word
    while ((index < \${#before[@]})); do
        word=\${before[index]}
        ((++index))
        option=''
        case $word in
        ${names.option}=*) given=\${word#*=} ;;
        --*=*) ;;
        ${plan.valued.join(" | ")})
            [[ $word == ${names.option} ]] && given=\${before[index]}
            option=$word
            ((++index))
            ;;
        -*) ;;
        ${plan.transparent.join(" | ")}) [[ -z $path ]] || ((++position)) ;;
        *)
            case $path in
            '') path=$word ;;
            ${
    groups.length === 0 ? "'#'" : groups.join(" | ")
  }) path="$path $word" ;;
            *) ((++position)) ;;
            esac
            ;;
        esac
    done
    # An option still waits for its value when the walk ran past the end.
    ((index > \${#before[@]})) || option=''

    cur=$typed
    if [[ -z $option && $typed == --*=* ]]; then
        option=\${typed%%=*}
        cur=\${typed#*=}
    fi
    if [[ -n $option ]]; then
        case "$path:$option" in
${cases(plan.values)}
        *) return 0 ;;
        esac
    elif [[ $cur == -* ]]; then
        kind=options
    else
        case "$path:$position" in
${cases(plan.arguments)}
        *) kind=verbs ;;
        esac
    fi

    case $path in
${words.join("\n")}
    esac
    [[ $kind == verbs && -z $verbs ]] && kind=options
    local -a found=()
    while IFS= read -r candidate; do
        found+=("$candidate")
    done < <(
        case $kind in
        verbs) compgen -W "$verbs" -- "$cur" ;;
        options) compgen -W "$options" -- "$cur" ;;
        words*) compgen -W "\${kind#words }" -- "$cur" ;;
        file) compgen -f -- "$cur" ;;
        directory) compgen -d -- "$cur" ;;
        at_file) [[ $cur == @* ]] && compgen -f -P @ -- "\${cur#@}" ;;
        names)
            compgen -W "$(
                "$program" ${names.args} \\
                    \${given:+${names.option} "$given"} 2>/dev/null
            )" -- "$cur"
            ;;
        esac
    )
    [[ $kind == *file || $kind == directory ]] &&
        compopt -o filenames 2>/dev/null

    # readline replaces only what follows its last break in the word.
    local last=\${COMP_WORDS[COMP_CWORD]} done_part=\${typed%"$cur"}
    [[ $last == [=:@] ]] && last=''
    local kept=\${typed%"$last"}
    for candidate in "\${found[@]}"; do
        candidate=$done_part$candidate
        COMPREPLY+=("\${candidate#"$kept"}")
    done
    return 0
}

complete -F _${name} ${program}
`;
}
