# PowerShell completion for mira, printed by `mira completion powershell`.
# A TAB starts no other program.
# For every session: mira completion powershell >> $PROFILE

Register-ArgumentCompleter -Native -CommandName mira -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $root = @{
        'ask' = 'Ask one question and print the answer.'
        'chat' = 'Chat with Mira.'
        'models' = 'List the models, their context windows and maximum reply length.'
        'batch' = 'Ask every question of a JSONL file.'
        'config' = 'Show and change the settings.'
        'prompts' = 'List and edit saved prompts, for -p NAME.'
        'simulate' = 'Run a local mock API.'
        'completion' = 'Print the completion script of a shell.'
        'help' = 'Show the help of a command.'
    }
    $second = @{
        'config' = @('list', 'get', 'set', 'unset', 'edit', 'path', 'check')
        'prompts' = @('list', 'show', 'edit', 'remove')
    }
    $flags = @{
        '' = @('-V', '--version', '-h', '--help')
        'config' = @('-h', '--help')
        'prompts' = @('-h', '--help')
        'ask' = @('-m', '--model', '-s', '--system', '-p', '--prompt', '-f', '--file', '-t', '--temperature', '--top-p', '--max-tokens', '--stop', '--context', '-c', '--conversation', '-e', '--edit', '-x', '--code', '--lang', '--code-all', '-r', '--raw', '--json', '--events', '--json-reply', '--schema', '--no-reask', '--reasoning', '-u', '--usage', '-n', '--dry-run', '--no-stdin', '--no-stream', '--plain', '--color', '--theme', '--sanitize', '--timeout', '--max-time', '--retries', '--base-url', '-q', '--quiet', '-v', '--verbose', '-h', '--help')
        'chat' = @('-m', '--model', '-s', '--system', '-p', '--prompt', '-f', '--file', '-t', '--temperature', '--top-p', '--max-tokens', '--stop', '--context', '-c', '--conversation', '-l', '--load', '--save', '-r', '--raw', '--reasoning', '-u', '--usage', '--no-stream', '--plain', '--color', '--theme', '--sanitize', '--timeout', '--max-time', '--retries', '--base-url', '-q', '--quiet', '-v', '--verbose', '-h', '--help')
        'models' = @('--json', '--color', '--timeout', '--max-time', '--retries', '--base-url', '-q', '--quiet', '-v', '--verbose', '-h', '--help')
        'batch' = @('-o', '--output', '--lines', '--as-completed', '-j', '--jobs', '--per-minute', '--limit', '--retry-failed', '-m', '--model', '-s', '--system', '-p', '--prompt', '-t', '--temperature', '--top-p', '--max-tokens', '--stop', '--json-reply', '--schema', '--no-reask', '--plain', '--color', '--timeout', '--max-time', '--retries', '--base-url', '-q', '--quiet', '-v', '--verbose', '-h', '--help')
        'config list' = @('--json', '-h', '--help')
        'config get' = @('--reveal', '-h', '--help')
        'config set' = @('-h', '--help')
        'config unset' = @('-h', '--help')
        'config edit' = @('-h', '--help')
        'config path' = @('--key', '-h', '--help')
        'config check' = @('--json', '--base-url', '--timeout', '-h', '--help')
        'prompts list' = @('--json', '-h', '--help')
        'prompts show' = @('-h', '--help')
        'prompts edit' = @('-h', '--help')
        'prompts remove' = @('-h', '--help')
        'simulate' = @('--port', '--fail', '--delay', '--rate', '--window', '--faults', '--log', '--script', '-h', '--help')
        'completion' = @('-h', '--help')
        'help' = @('-h', '--help')
    }
    $valued = @{
        '-m' = 'models'
        '--model' = 'models'
        '-s' = @()
        '--system' = @()
        '-p' = 'prompts'
        '--prompt' = 'prompts'
        '-f' = @()
        '--file' = @()
        '-t' = @()
        '--temperature' = @()
        '--top-p' = @()
        '--max-tokens' = @()
        '--stop' = @()
        '--context' = @()
        '-c' = @()
        '--conversation' = @()
        '--lang' = @()
        '--schema' = @()
        '--color' = @('auto', 'always', 'never')
        '--theme' = @('auto', 'light', 'dark', 'ansi')
        '--sanitize' = @('auto', 'always', 'never')
        '--timeout' = @()
        '--max-time' = @()
        '--retries' = @()
        '--base-url' = @()
        '-l' = @()
        '--load' = @()
        '--save' = @()
        '-o' = @()
        '--output' = @()
        '-j' = @()
        '--jobs' = @()
        '--per-minute' = @()
        '--limit' = @()
        '--port' = @()
        '--fail' = @('429-seconds', '429-date', '429-ms', '429-hour', '429-day', '429-none', '429-quota', '402-balance', '403-plan', '403-quota', '503-after', '503-never', 'blocked', 'context', 'no-answer', 'stall', 'cut-mid-token', 'cut-between', 'reset-before-headers', 'reset-mid-stream', 'length', 'filtered', 'error-mid', 'bad-json', 'no-text', 'empty-body', 'html')
        '--delay' = @()
        '--rate' = @()
        '--window' = @()
        '--log' = @()
        '--script' = @()
    }
    $settings = @{
        'model' = 'models'
        'prompt' = 'prompts'
        'stream' = @('true', 'false')
        'reasoning' = @('true', 'false')
        'fold_system' = @('true', 'false')
        'usage' = @('auto', 'always', 'never')
        'history' = @('true', 'false')
        'vi' = @('true', 'false')
        'plain' = @('true', 'false')
        'color' = @('auto', 'always', 'never')
        'theme' = @('auto', 'light', 'dark', 'ansi')
        'sanitize' = @('auto', 'always', 'never')
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
        if (Test-Path -LiteralPath $file) { Get-Content -LiteralPath $file } else { @('mira', 'mira-thinking', 'mira-pro', 'mira-max') }
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
            $last = $word -creplace '^-[Vehnqruvx]+(?=.)', '-'
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
    elseif ($command -eq 'completion' -and $words.Count -eq 0) { $offered = @('bash', 'zsh', 'fish', 'powershell') }
    elseif ($command -match '^config (get|set|unset)$' -and $words.Count -eq 0) {
        $offered = @('key', 'model', 'system', 'prompt', 'temperature', 'top_p', 'max_tokens', 'stop', 'context', 'stream', 'reasoning', 'fold_system', 'usage', 'history', 'vi', 'plain', 'color', 'theme', 'sanitize', 'timeout', 'connect_timeout', 'max_time', 'retries', 'base_url', 'key_command')
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
