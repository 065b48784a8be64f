/** Completion for Elvish, 0.18 and later. */

import { type Plan, writeTables } from "./plan.ts";

/** For Elvish 0.18 and later; one text, hence the length. */
export function elvishCompletion(plan: Plan): string {
  const { program, names } = plan;
  const tables = writeTables(plan, {
    quote: (text) => `'${text.replaceAll("'", "''")}'`,
    list: (items) => `[${items.join(" ")}]`,
    pair: (key, value) => `    &${key}=${value}`,
  });
  return `# Completion of ${program} for Elvish, in rc.elv:
#   eval (${program} completion elvish | slurp)

use str

set edit:completion:arg-completer[${program}] = {|@words|
  var valued = ${tables.valued}
  var groups = ${tables.groups}
  var transparent = ${tables.transparent}
  var values = [
${tables.values}
  ]
  var arguments = [
${tables.arguments}
  ]
  var pages = [
${tables.pages}
  ]

  var path = ''
  var position = 0
  var waiting = ''
  var given = []
  for word $words[1..-1] {
    if (not-eq $waiting '') {
      if (eq $waiting ${names.option}) { set given = [${names.option} $word] }
      set waiting = ''
    } elif (and (str:has-prefix $word --) (str:contains $word '=')) {
      if (str:has-prefix $word ${names.option}=) { set given = [$word] }
    } elif (has-value $valued $word) {
      set waiting = $word
    } elif (str:has-prefix $word -) {
      nop
    } elif (eq $path '') {
      if (not (has-value $transparent $word)) { set path = $word }
    } elif (has-value $groups $path) {
      set path = $path' '$word
    } else {
      set position = (+ $position 1)
    }
  }

  var prefix = ''
  var typed = $words[-1]
  if (and (eq $waiting '') (str:has-prefix $typed --) (str:contains $typed '=')) {
    var parts = [(str:split &max=2 '=' $typed)]
    set waiting = $parts[0]
    set prefix = $waiting'='
    set typed = $parts[1]
  }
  var kind = ''
  if (not-eq $waiting '') {
    set kind = none
    for key ['*:'$waiting $path':'$waiting] {
      if (has-key $values $key) { set kind = $values[$key] }
    }
  } elif (not (str:has-prefix $typed -)) {
    for key [$path':*' $path':'$position] {
      if (has-key $arguments $key) { set kind = $arguments[$key] }
    }
  }

  if (eq (kind-of $kind) list) {
    for word $kind { edit:complex-candidate $prefix$word }
  } elif (eq $kind names) {
    try {
      (external ${program}) ${names.args} $@given 2>/dev/null |
        each {|name| edit:complex-candidate $prefix$name }
    } catch error { nop }
  } elif (eq $kind at_file) {
    if (str:has-prefix $typed @) {
      edit:complete-filename $typed[1..] |
        each {|found| edit:complex-candidate $prefix'@'$found[stem] }
    }
  } elif (has-value [file directory] $kind) {
    edit:complete-filename $typed
  } elif (and (eq $kind '') (has-key $pages $path)) {
    for entry $pages[$path] {
      edit:complex-candidate $entry[0] &display=$entry[0]' ('$entry[1]')'
    }
  }
}
`;
}
