/** Completion for PowerShell, 5.1 and later. */

import { type Plan, writeTables } from "./plan.ts";

/** In PowerShell typographic quotes end a string too. */
function quote(text: string): string {
  return `'${text.replace(/['\u2018-\u201b]/g, "$&$&")}'`;
}

/** For PowerShell 5.1 and later; one text, hence the length. */
export function powershellCompletion(plan: Plan): string {
  const { program, names } = plan;
  const tables = writeTables(plan, {
    quote,
    list: (items) => `@(${items.join(", ")})`,
    pair: (key, value) => `        ${key} = ${value}`,
  });
  return `# Completion of ${program} for PowerShell:
#   ${program} completion powershell | Out-String | Invoke-Expression

Register-ArgumentCompleter -Native -CommandName ${quote(program)} -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $valued = ${tables.valued}
    $groups = ${tables.groups}
    $values = @{
${tables.values}
    }
    $arguments = @{
${tables.arguments}
    }
    $pages = @{
${tables.pages}
    }

    $path = ''
    $position = 0
    $waiting = ''
    $given = @()
    $before = @($commandAst.CommandElements |
        Select-Object -Skip 1 |
        Where-Object { $_.Extent.EndOffset -lt $cursorPosition } |
        ForEach-Object { $_.ToString() })
    foreach ($word in $before) {
        if ($waiting -ne '') {
            if ($waiting -ceq '${names.option}') { $given = @('${names.option}', $word) }
            $waiting = ''
        } elseif ($word -clike '--*=*') {
            if ($word -clike '${names.option}=*') { $given = @($word) }
        } elseif ($valued -ccontains $word) {
            $waiting = $word
        } elseif ($word -clike '-*') {
        } elseif ($path -eq '') {
            if (${tables.transparent} -cnotcontains $word) { $path = $word }
        } elseif ($groups -ccontains $path) {
            $path = "$path $word"
        } else {
            $position++
        }
    }

    $prefix = ''
    $typed = $wordToComplete
    if ($waiting -eq '' -and $typed -cmatch '^(--[^=]+)=(.*)$') {
        $waiting = $Matches[1]
        $prefix = "$waiting="
        $typed = $Matches[2]
    }
    $kind = $null
    if ($waiting -ne '') {
        foreach ($key in "\${path}:$waiting", "*:$waiting") {
            if ($null -eq $kind) { $kind = $values[$key] }
        }
        if ($null -eq $kind) { return }
    } elseif ($typed -cnotlike '-*') {
        foreach ($key in "\${path}:$position", "\${path}:*") {
            if ($null -eq $kind) { $kind = $arguments[$key] }
        }
    }

    # For paths nothing is returned: PowerShell then completes them itself.
    if ($kind -is [string] -and $kind -ne 'names') { return }
    # Without @() a single pair would become its two words.
    $found = @(if ($kind -is [array]) {
        $kind | ForEach-Object { , @($_, $_) }
    } elseif ($kind -eq 'names') {
        & ${program} ${names.args} @given 2>$null |
            ForEach-Object { , @($_, $_) }
    } else {
        $pages[$path]
    })
    foreach ($entry in $found) {
        if ($entry[0].StartsWith($typed, [StringComparison]::Ordinal)) {
            [System.Management.Automation.CompletionResult]::new(
                $prefix + $entry[0], $entry[0], 'ParameterValue', $entry[1])
        }
    }
}
`;
}
