"""The completion script of PowerShell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mira_cli.commands.scripts import offers
from mira_cli.commands.scripts.template import filled
from mira_cli.commands.tree import COMMANDS, GROUPS
from mira_cli.settings.table import BY_NAME

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mira_cli.commands.scripts.offers import Offer

_TEMPLATE = r"""# PowerShell completion for mira, printed by `mira completion powershell`.
# A TAB starts no other program.
# For every session: mira completion powershell >> $PROFILE

Register-ArgumentCompleter -Native -CommandName mira -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $root = @{
        @@ROOT@@
    }
    $second = @{
        @@SECOND@@
    }
    $flags = @{
        @@FLAGS@@
    }
    $valued = @{
        @@VALUED@@
    }
    $settings = @{
        @@SETTINGS@@
    }

    # The models that `mira models` saw last, else the known ones.
    function Get-MiraModel {
        $directory = $env:MIRA_CONFIG_DIR
        if (-not $directory) {
            if ($env:LOCALAPPDATA) { $directory = Join-Path $env:LOCALAPPDATA 'mira\Cache' }
            elseif ($env:XDG_CACHE_HOME) { $directory = Join-Path $env:XDG_CACHE_HOME 'mira' }
            else { $directory = Join-Path $HOME '.cache/mira' }
        }
        $file = Join-Path $directory 'models'
        if (Test-Path -LiteralPath $file) { Get-Content -LiteralPath $file } else { @@MODELS@@ }
    }

    function Get-MiraValue($offered) {
        if ($offered -eq 'models') { Get-MiraModel } else { $offered }
    }

    $before = @($commandAst.CommandElements |
        Where-Object { $_.Extent.EndOffset -lt $cursorPosition } |
        Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
    $command = ''
    $words = @()
    $flag = $null
    $dashed = $false
    foreach ($word in $before) {
        if ($flag) { $flag = $null }
        elseif (-not $dashed -and $word -eq '--') { $dashed = $true }
        elseif (-not $dashed -and $word -like '-?*') { if ($valued.ContainsKey($word)) { $flag = $word } }
        elseif (-not $command) { $command = if ($word -match '\s') { 'ask' } else { $word } }
        elseif ($second.ContainsKey($command)) { $command = "$command $word" }
        else { $words += $word }
    }

    $lead = ''
    $offered = @()
    if ($flag) { $offered = Get-MiraValue $valued[$flag] }
    elseif (-not $dashed -and $wordToComplete -match '^(--[a-z-]+)=') {
        $lead = $Matches[0]
        if ($valued.ContainsKey($Matches[1])) { $offered = Get-MiraValue $valued[$Matches[1]] }
    }
    elseif (-not $dashed -and $wordToComplete -like '-*') { $offered = $flags[$command] }
    elseif (-not $command) { $offered = $root.Keys | Sort-Object }
    elseif ($second.ContainsKey($command)) { $offered = $second[$command] }
    elseif ($command -eq 'help' -and $words.Count -eq 0) { $offered = $root.Keys | Sort-Object }
    elseif ($command -eq 'help' -and $words.Count -eq 1) { $offered = $second[$words[0]] }
    elseif ($command -eq 'completion') { $offered = @@SHELLS@@ }
    elseif ($command -match '^config (get|set|unset)$' -and $words.Count -eq 0) {
        $offered = @@SETTING_NAMES@@
    }
    elseif ($command -eq 'config set' -and $words.Count -eq 1) {
        $offered = Get-MiraValue $settings[$words[0]]
    }

    # What is not offered here, a path, is left to PowerShell.
    $offered | Where-Object { $_ -and "$lead$_".StartsWith($wordToComplete) } | ForEach-Object {
        $tip = if ($root.ContainsKey($_)) { $root[$_] } else { $_ }
        [System.Management.Automation.CompletionResult]::new("$lead$_", $_, 'ParameterValue', $tip)
    }
}
"""


def powershell_script() -> str:
    """The script, complete."""
    valued = offers.valued_flags()
    models = next(offer for offer in valued.values() if offer.kind == "models")
    shells = next(word.choices for row in COMMANDS for word in row.words if word.name == "shell")
    return filled(
        _TEMPLATE,
        {
            "ROOT": (f"{_quoted(name)} = {_quoted(text)}" for name, text in offers.first_words().items()),
            "SECOND": (f"{_quoted(name)} = {_list(offers.second_words(name))}" for name in GROUPS),
            "FLAGS": _flags(),
            "VALUED": _table(valued),
            "SETTINGS": _table(offers.values_by_setting()),
            "MODELS": _list(models.words),
            "SHELLS": _list(shells),
            "SETTING_NAMES": _list(BY_NAME),
        },
    )


def _flags() -> Iterator[str]:
    yield f"'' = {_list((*offers.VERSION_FLAGS, *offers.HELP_FLAGS))}"
    for group in GROUPS:
        yield f"{_quoted(group)} = {_list(offers.HELP_FLAGS)}"
    for row in COMMANDS:
        spellings = [spelling for flag in row.flags for spelling in flag.spellings]
        yield f"{_quoted(row.name)} = {_list((*spellings, *offers.HELP_FLAGS))}"


def _table(offered: Mapping[str, Offer]) -> Iterator[str]:
    for name, offer in offered.items():
        yield f"{_quoted(name)} = {_quoted('models') if offer.kind == 'models' else _list(offer.words)}"


def _list(words: Iterable[str]) -> str:
    return f"@({', '.join(map(_quoted, words))})"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
