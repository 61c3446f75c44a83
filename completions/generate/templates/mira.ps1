# PowerShell completion for mira, printed by `mira completion powershell`.
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
            elseif ($IsMacOS) { $directory = Join-Path $HOME 'Library/Caches/mira' }
            elseif ($env:XDG_CACHE_HOME) { $directory = Join-Path $env:XDG_CACHE_HOME 'mira' }
            else { $directory = Join-Path $HOME '.cache/mira' }
        }
        $file = Join-Path $directory 'models'
        if (Test-Path -LiteralPath $file) { Get-Content -LiteralPath $file } else { @@MODELS@@ }
    }

    # The names of the saved prompts.
    function Get-MiraPrompt {
        $directory = $env:MIRA_CONFIG_DIR
        if (-not $directory) {
            if ($env:LOCALAPPDATA) { $directory = Join-Path $env:LOCALAPPDATA 'mira' }
            elseif ($IsMacOS) { $directory = Join-Path $HOME 'Library/Application Support/mira' }
            elseif ($env:XDG_CONFIG_HOME) { $directory = Join-Path $env:XDG_CONFIG_HOME 'mira' }
            else { $directory = Join-Path $HOME '.config/mira' }
        }
        Get-ChildItem -Path (Join-Path $directory 'prompts') -Filter '*.md' -ErrorAction SilentlyContinue |
            Where-Object { $_.BaseName -match '^[A-Za-z0-9_-]+$' } | ForEach-Object { $_.BaseName }
    }

    function Get-MiraValue($offered) {
        if ($offered -eq 'models') { Get-MiraModel }
        elseif ($offered -eq 'prompts') { Get-MiraPrompt }
        else { $offered }
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
        elseif (-not $dashed -and $word -like '-?*') {
            # Of several flags in one word, the last may take a value: -xf is -x -f.
            $last = $word -creplace '^-[@@SWITCHES@@]+(?=.)', '-'
            if ($valued.ContainsKey($last)) { $flag = $last }
        }
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
    elseif ($command -eq 'completion' -and $words.Count -eq 0) { $offered = @@SHELLS@@ }
    elseif ($command -match '^config (get|set|unset)$' -and $words.Count -eq 0) {
        $offered = @@SETTING_NAMES@@
    }
    elseif ($command -match '^prompts (show|edit|remove)$' -and $words.Count -eq 0) {
        $offered = Get-MiraPrompt
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
