/**
 * Completion for Elvish, 0.18 and later.
 *
 * @module
 */

import type { Completes } from "../options/value_kind.ts";
import { type Plan, type Rule, spellings } from "./plan.ts";

function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function list(words: readonly string[]): string {
  return `[${words.map(quote).join(" ")}]`;
}

function kind(completes: Completes): string {
  return typeof completes === "string" ? quote(completes) : list(completes);
}

/** A map from `path:of` to what it completes with. */
function map(rules: readonly Rule[]): string {
  return [
    "[",
    ...rules.map(({ path, of, completes }) =>
      `    &${quote(`${path ?? "*"}:${of}`)}=${kind(completes)}`
    ),
    "  ]",
  ].join("\n");
}

/** Writes the script. */
export function elvishCompletion(plan: Plan): string {
  const { program, places } = plan;
  const pages = places.map(({ path, verbs, options }) => {
    const entries = [
      ...verbs.map(({ word, does }) => [word, does]),
      ...options.flatMap((spec) =>
        spellings(spec).map((word) => [word, spec.help])
      ),
    ];
    return `    &${quote(path)}=[\n${
      entries.map(([word, does]) => `      [${quote(word)} ${quote(does)}]`)
        .join("\n")
    }\n    ]`;
  });
  return `# Completion of ${program} for Elvish, in rc.elv:
#   eval (${program} completion elvish | slurp)

use str

set edit:completion:arg-completer[${program}] = {|@words|
  var valued = ${list(plan.valued)}
  var groups = ${list(plan.groups)}
  var transparent = ${list(plan.transparent)}
  var values = ${map(plan.values)}
  var arguments = ${map(plan.arguments)}
  var pages = [
${pages.join("\n")}
  ]

  var path = ''
  var position = 0
  var waiting = ''
  var given = []
  for word $words[1..-1] {
    if (not-eq $waiting '') {
      if (eq $waiting ${plan.names.option}) { set given = [${plan.names.option} $word] }
      set waiting = ''
    } elif (and (str:has-prefix $word --) (str:contains $word '=')) {
      if (str:has-prefix $word ${plan.names.option}=) { set given = [$word] }
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
      (external ${program}) ${plan.names.args} $@given 2>/dev/null |
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
