# fish completion for mira, printed by `mira completion fish`. A TAB starts no other program.

function __mira_line --description 'The command before the cursor, then its words, a line each'
    set -l command ''
    set -l words
    set -l skip no
    set -l dashed no
    for token in (commandline -opc)[2..]
        if test $skip = yes
            set skip no
        else if test $dashed = no; and string match -qr '^-.' -- $token
            # Of several flags in one word, the last may take a value: -xf is -x -f.
            switch (string replace -r '^-[Vehnqruvx]+(?=.)' - -- $token)
                case --
                    set dashed yes
                case -m --model -s --system -p --prompt -f --file -t --temperature --top-p --max-tokens --stop --context -c --conversation --lang --schema --color --theme --sanitize --timeout --max-time --retries --base-url -l --load --save -o --output -j --jobs --per-minute --limit --port --fail --delay --rate --window --log --script
                    set skip yes
            end
        else if test -z "$command"
            set command $token
            string match -qr '\s' -- $token; and set command ask
        else if contains -- $command config prompts
            set command "$command $token"
        else
            set -a words $token
            contains -- $command simulate; and set dashed yes
        end
    end
    printf '%s\n' $command $words
end

function __mira_at --argument-names command count --description 'Whether the cursor is in this command'
    set -l line (__mira_line)
    test "$line[1]" = "$command"; or return
    test -z "$count"; or test (count $line[2..]) = "$count"
end

function __mira_models --description 'The models that `mira models` saw last, else the known ones'
    set -l directory $MIRA_CONFIG_DIR
    if test -z "$directory"
        set directory $HOME/.cache/mira
        string match -q '/*' -- "$XDG_CACHE_HOME"; and set directory $XDG_CACHE_HOME/mira
        test -d $HOME/Library/Caches/mira; and set directory $HOME/Library/Caches/mira
    end
    if test -r $directory/models
        while read -l model
            printf '%s\n' $model
        end <$directory/models
    else
        printf '%s\n' mira mira-thinking mira-pro mira-max
    end
end

function __mira_prompts --description 'The names of the saved prompts'
    set -l directory $MIRA_CONFIG_DIR
    if test -z "$directory"
        set directory $HOME/.config/mira
        string match -q '/*' -- "$XDG_CONFIG_HOME"; and set directory $XDG_CONFIG_HOME/mira
        test -d "$HOME/Library/Application Support/mira"
        and set directory "$HOME/Library/Application Support/mira"
    end
    for path in $directory/prompts/*.md
        string replace -rf '.*/([A-Za-z0-9_-]+)\.md$' '$1' -- $path
    end
end

function __mira_text_or_file --description 'Files, after an @'
    set -l typed (string match -r '^(?:--[a-z]+=)?@(.*)' -- (commandline -ct))
    or return
    for path in $typed[2]*
        test -d $path; and set path $path/
        printf '@%s\n' $path
    end
end

function __mira_setting_value --description 'The values of the setting that was named'
    switch (__mira_line)[2]
        case model
            __mira_models
        case prompt
            __mira_prompts
        case stream reasoning fold_system history vi plain
            printf '%s\n' true false
        case usage color sanitize
            printf '%s\n' auto always never
        case theme
            printf '%s\n' auto light dark ansi
    end
end

function __mira_call --description 'What completes a command of its own'
    complete --do-complete=(string join ' ' -- (string escape -- (__mira_line)[2..]) (commandline -ct))
end

complete -c mira -f
complete -c mira -n '__mira_at ""' -a ask -d 'Ask one question and print the answer.'
complete -c mira -n '__mira_at ""' -a chat -d 'Chat with Mira.'
complete -c mira -n '__mira_at ""' -a models -d 'List the models, their context windows and maximum reply length.'
complete -c mira -n '__mira_at ""' -a batch -d 'Ask every question of a JSONL file.'
complete -c mira -n '__mira_at ""' -a config -d 'Show and change the settings.'
complete -c mira -n '__mira_at ""' -a prompts -d 'List and edit saved prompts, for -p NAME.'
complete -c mira -n '__mira_at ""' -a simulate -d 'Run a local mock API.'
complete -c mira -n '__mira_at ""' -a completion -d 'Print the completion script of a shell.'
complete -c mira -n '__mira_at ""' -a help -d 'Show the help of a command.'
complete -c mira -n '__mira_at ""' -s V -l version -d 'Show the version.'
complete -c mira -n '__mira_at ""' -s h -l help -d 'Show this message and exit.'
complete -c mira -n '__mira_at config' -a list -d 'Show every setting, its value and where it was set.'
complete -c mira -n '__mira_at config' -a get -d 'Print the value in force; code 1 if nothing sets it.'
complete -c mira -n '__mira_at config' -a set -d 'Set a value in config.toml, or the API key.'
complete -c mira -n '__mira_at config' -a unset -d 'Reset a setting to its default, or forget the API key.'
complete -c mira -n '__mira_at config' -a edit -d 'Open config.toml in $VISUAL or $EDITOR, then check it.'
complete -c mira -n '__mira_at config' -a path -d 'Print where config.toml is.'
complete -c mira -n '__mira_at config' -a check -d 'Check settings, key and connection (uses no tokens).'
complete -c mira -n '__mira_at config' -s h -l help -d 'Show this message and exit.'
complete -c mira -n '__mira_at prompts' -a list -d 'List the saved prompts, each with its first line.'
complete -c mira -n '__mira_at prompts' -a show -d 'Print a prompt.'
complete -c mira -n '__mira_at prompts' -a edit -d 'Open a prompt in $VISUAL or $EDITOR; made when missing.'
complete -c mira -n '__mira_at prompts' -a remove -d 'Remove a prompt; asks first on a terminal.'
complete -c mira -n '__mira_at prompts' -s h -l help -d 'Show this message and exit.'
complete -c mira -n '__mira_at ask' -s m -l model -x -a '(__mira_models)' -d 'Model to use.'
complete -c mira -n '__mira_at ask' -s s -l system -x -a '(__mira_text_or_file)' -d 'System prompt (@FILE reads a file; double a literal @).'
complete -c mira -n '__mira_at ask' -s p -l prompt -x -a '(__mira_prompts)' -d 'Use the saved prompt NAME as system prompt.'
complete -c mira -n '__mira_at ask' -s f -l file -r -F -d 'Add a text file (repeatable).'
complete -c mira -n '__mira_at ask' -s t -l temperature -x -d 'Sampling temperature, 0 to 2.'
complete -c mira -n '__mira_at ask' -l top-p -x -d 'Nucleus sampling, 0 to 1.'
complete -c mira -n '__mira_at ask' -l max-tokens -x -d 'Maximum reply length, in tokens.'
complete -c mira -n '__mira_at ask' -l stop -x -d 'Stop sequence (repeatable).'
complete -c mira -n '__mira_at ask' -l context -x -d 'Context limit in tokens; oldest turns are dropped first.'
complete -c mira -n '__mira_at ask' -s c -l conversation -r -F -d 'Continue the conversation in FILE.'
complete -c mira -n '__mira_at ask' -s e -l edit -d 'Write the question in $EDITOR.'
complete -c mira -n '__mira_at ask' -s x -l code -d 'Print only the first code block.'
complete -c mira -n '__mira_at ask' -l lang -x -d 'Print only code blocks in this language.'
complete -c mira -n '__mira_at ask' -l code-all -d 'Print all code blocks.'
complete -c mira -n '__mira_at ask' -s r -l raw -d 'Print Markdown as it comes, unrendered.'
complete -c mira -n '__mira_at ask' -l json -d 'Print one JSON object: text, model, usage …'
complete -c mira -n '__mira_at ask' -l events -d 'Stream events as JSON lines.'
complete -c mira -n '__mira_at ask' -l json-reply -d 'Ask for a JSON object and check that it is one.'
complete -c mira -n '__mira_at ask' -l schema -r -F -d 'Ask for JSON that fits this JSON Schema and check it.'
complete -c mira -n '__mira_at ask' -l no-reask -d 'Don\'t retry when the JSON doesn\'t match.'
complete -c mira -n '__mira_at ask' -l reasoning -d 'Show the model\'s reasoning, dim, on stderr, before the answer.'
complete -c mira -n '__mira_at ask' -s u -l usage -d 'Print token usage on stderr, also when piped.'
complete -c mira -n '__mira_at ask' -s n -l dry-run -d 'Print the request, without the key, and stop.'
complete -c mira -n '__mira_at ask' -l no-stdin -d 'Don\'t read standard input.'
complete -c mira -n '__mira_at ask' -l no-stream -d 'Show the whole reply at once.'
complete -c mira -n '__mira_at ask' -l plain -d 'No animation or redrawing (screen readers).'
complete -c mira -n '__mira_at ask' -l color -x -a 'auto always never' -d 'When to use colour: auto, always or never.'
complete -c mira -n '__mira_at ask' -l theme -x -a 'auto light dark ansi' -d 'Colours: auto, light, dark, ansi or a Pygments style.'
complete -c mira -n '__mira_at ask' -l sanitize -x -a 'auto always never' -d 'Neutralise control characters: auto (on a terminal), always or never.'
complete -c mira -n '__mira_at ask' -l timeout -x -d 'Give up after this long without data, in seconds.'
complete -c mira -n '__mira_at ask' -l max-time -x -d 'Time limit for a whole request, in seconds.'
complete -c mira -n '__mira_at ask' -l retries -x -d 'How many times to retry, 0 to 100 (a refused connection: once).'
complete -c mira -n '__mira_at ask' -l base-url -x -d 'API base URL.'
complete -c mira -n '__mira_at ask' -s q -l quiet -d 'Print only the answer and errors.'
complete -c mira -n '__mira_at ask' -s v -l verbose -d 'Print requests, retries and timings on stderr.'
complete -c mira -n '__mira_at ask' -s h -l help -d 'Show this message and exit.'
complete -c mira -n '__mira_at chat' -s m -l model -x -a '(__mira_models)' -d 'Model to use.'
complete -c mira -n '__mira_at chat' -s s -l system -x -a '(__mira_text_or_file)' -d 'System prompt (@FILE reads a file; double a literal @).'
complete -c mira -n '__mira_at chat' -s p -l prompt -x -a '(__mira_prompts)' -d 'Use the saved prompt NAME as system prompt.'
complete -c mira -n '__mira_at chat' -s f -l file -r -F -d 'Add a text file (repeatable).'
complete -c mira -n '__mira_at chat' -s t -l temperature -x -d 'Sampling temperature, 0 to 2.'
complete -c mira -n '__mira_at chat' -l top-p -x -d 'Nucleus sampling, 0 to 1.'
complete -c mira -n '__mira_at chat' -l max-tokens -x -d 'Maximum reply length, in tokens.'
complete -c mira -n '__mira_at chat' -l stop -x -d 'Stop sequence (repeatable).'
complete -c mira -n '__mira_at chat' -l context -x -d 'Context limit in tokens; oldest turns are dropped first.'
complete -c mira -n '__mira_at chat' -s c -l conversation -r -F -d 'Continue the conversation in FILE and keep it there.'
complete -c mira -n '__mira_at chat' -s l -l load -r -F -d 'Start with the conversation in FILE.'
complete -c mira -n '__mira_at chat' -l save -r -F -d 'Write the conversation to FILE after each turn.'
complete -c mira -n '__mira_at chat' -s r -l raw -d 'Print Markdown as it comes, unrendered.'
complete -c mira -n '__mira_at chat' -l reasoning -d 'Show the model\'s reasoning, dim, on stderr, before the answer.'
complete -c mira -n '__mira_at chat' -s u -l usage -d 'Print token usage on stderr, also when piped.'
complete -c mira -n '__mira_at chat' -l no-stream -d 'Show the whole reply at once.'
complete -c mira -n '__mira_at chat' -l plain -d 'No animation or redrawing (screen readers).'
complete -c mira -n '__mira_at chat' -l color -x -a 'auto always never' -d 'When to use colour: auto, always or never.'
complete -c mira -n '__mira_at chat' -l theme -x -a 'auto light dark ansi' -d 'Colours: auto, light, dark, ansi or a Pygments style.'
complete -c mira -n '__mira_at chat' -l sanitize -x -a 'auto always never' -d 'Neutralise control characters: auto (on a terminal), always or never.'
complete -c mira -n '__mira_at chat' -l timeout -x -d 'Give up after this long without data, in seconds.'
complete -c mira -n '__mira_at chat' -l max-time -x -d 'Time limit for a whole request, in seconds.'
complete -c mira -n '__mira_at chat' -l retries -x -d 'How many times to retry, 0 to 100 (a refused connection: once).'
complete -c mira -n '__mira_at chat' -l base-url -x -d 'API base URL.'
complete -c mira -n '__mira_at chat' -s q -l quiet -d 'Print only the answer and errors.'
complete -c mira -n '__mira_at chat' -s v -l verbose -d 'Print requests, retries and timings on stderr.'
complete -c mira -n '__mira_at chat' -s h -l help -d 'Show this message and exit.'
complete -c mira -n '__mira_at models' -l json -d 'Print one JSON object.'
complete -c mira -n '__mira_at models' -l color -x -a 'auto always never' -d 'When to use colour: auto, always or never.'
complete -c mira -n '__mira_at models' -l timeout -x -d 'Give up after this long without data, in seconds.'
complete -c mira -n '__mira_at models' -l max-time -x -d 'Time limit for a whole request, in seconds.'
complete -c mira -n '__mira_at models' -l retries -x -d 'How many times to retry, 0 to 100 (a refused connection: once).'
complete -c mira -n '__mira_at models' -l base-url -x -d 'API base URL.'
complete -c mira -n '__mira_at models' -s q -l quiet -d 'Print only the answer and errors.'
complete -c mira -n '__mira_at models' -s v -l verbose -d 'Print requests, retries and timings on stderr.'
complete -c mira -n '__mira_at models' -s h -l help -d 'Show this message and exit.'
complete -c mira -n '__mira_at batch' -s o -l output -r -F -d 'Append answers to FILE; rows already there are skipped.'
complete -c mira -n '__mira_at batch' -l lines -d 'Treat each line as a question.'
complete -c mira -n '__mira_at batch' -l as-completed -d 'Write answers as they come.'
complete -c mira -n '__mira_at batch' -s j -l jobs -x -d 'Concurrent requests, 1 to 3 (default 2).'
complete -c mira -n '__mira_at batch' -l per-minute -x -d 'Requests a minute (default 60, 0: no limit).'
complete -c mira -n '__mira_at batch' -l limit -x -d 'Ask at most N rows in this run.'
complete -c mira -n '__mira_at batch' -l retry-failed -d 'With -o, ask failed rows again.'
complete -c mira -n '__mira_at batch' -s m -l model -x -a '(__mira_models)' -d 'Model to use.'
complete -c mira -n '__mira_at batch' -s s -l system -x -a '(__mira_text_or_file)' -d 'System prompt (@FILE reads a file; double a literal @).'
complete -c mira -n '__mira_at batch' -s p -l prompt -x -a '(__mira_prompts)' -d 'Use the saved prompt NAME as system prompt.'
complete -c mira -n '__mira_at batch' -s t -l temperature -x -d 'Sampling temperature, 0 to 2.'
complete -c mira -n '__mira_at batch' -l top-p -x -d 'Nucleus sampling, 0 to 1.'
complete -c mira -n '__mira_at batch' -l max-tokens -x -d 'Maximum reply length, in tokens.'
complete -c mira -n '__mira_at batch' -l stop -x -d 'Stop sequence (repeatable).'
complete -c mira -n '__mira_at batch' -l json-reply -d 'Ask for a JSON object and check that it is one.'
complete -c mira -n '__mira_at batch' -l schema -r -F -d 'Ask for JSON that fits this JSON Schema and check it.'
complete -c mira -n '__mira_at batch' -l no-reask -d 'Don\'t retry when the JSON doesn\'t match.'
complete -c mira -n '__mira_at batch' -l plain -d 'No animation or redrawing (screen readers).'
complete -c mira -n '__mira_at batch' -l color -x -a 'auto always never' -d 'When to use colour: auto, always or never.'
complete -c mira -n '__mira_at batch' -l timeout -x -d 'Give up after this long without data, in seconds.'
complete -c mira -n '__mira_at batch' -l max-time -x -d 'Time limit for a whole request, in seconds.'
complete -c mira -n '__mira_at batch' -l retries -x -d 'How many times to retry, 0 to 100 (a refused connection: once).'
complete -c mira -n '__mira_at batch' -l base-url -x -d 'API base URL.'
complete -c mira -n '__mira_at batch' -s q -l quiet -d 'Print only the answer and errors.'
complete -c mira -n '__mira_at batch' -s v -l verbose -d 'Print requests, retries and timings on stderr.'
complete -c mira -n '__mira_at batch' -s h -l help -d 'Show this message and exit.'
complete -c mira -n '__mira_at batch 0' -r -F
complete -c mira -n '__mira_at "config list"' -l json -d 'Print one JSON object.'
complete -c mira -n '__mira_at "config list"' -s h -l help -d 'Show this message and exit.'
complete -c mira -n '__mira_at "config get"' -l reveal -d 'Show the full API key.'
complete -c mira -n '__mira_at "config get"' -s h -l help -d 'Show this message and exit.'
complete -c mira -n '__mira_at "config get" 0' -x -a 'key model system prompt temperature top_p max_tokens stop context stream reasoning fold_system usage history vi plain color theme sanitize timeout connect_timeout max_time retries base_url key_command'
complete -c mira -n '__mira_at "config set"' -s h -l help -d 'Show this message and exit.'
complete -c mira -n '__mira_at "config set" 0' -x -a 'key model system prompt temperature top_p max_tokens stop context stream reasoning fold_system usage history vi plain color theme sanitize timeout connect_timeout max_time retries base_url key_command'
complete -c mira -n '__mira_at "config set" 1' -x -a '(__mira_setting_value)'
complete -c mira -n '__mira_at "config unset"' -s h -l help -d 'Show this message and exit.'
complete -c mira -n '__mira_at "config unset" 0' -x -a 'key model system prompt temperature top_p max_tokens stop context stream reasoning fold_system usage history vi plain color theme sanitize timeout connect_timeout max_time retries base_url key_command'
complete -c mira -n '__mira_at "config edit"' -s h -l help -d 'Show this message and exit.'
complete -c mira -n '__mira_at "config path"' -l key -d 'Print the path of the key file instead.'
complete -c mira -n '__mira_at "config path"' -s h -l help -d 'Show this message and exit.'
complete -c mira -n '__mira_at "config check"' -l json -d 'Print one JSON object.'
complete -c mira -n '__mira_at "config check"' -l base-url -x -d 'API base URL.'
complete -c mira -n '__mira_at "config check"' -l timeout -x -d 'Give up after this long without data, in seconds.'
complete -c mira -n '__mira_at "config check"' -s h -l help -d 'Show this message and exit.'
complete -c mira -n '__mira_at "prompts list"' -l json -d 'Print one JSON object.'
complete -c mira -n '__mira_at "prompts list"' -s h -l help -d 'Show this message and exit.'
complete -c mira -n '__mira_at "prompts show"' -s h -l help -d 'Show this message and exit.'
complete -c mira -n '__mira_at "prompts show" 0' -x -a '(__mira_prompts)'
complete -c mira -n '__mira_at "prompts edit"' -s h -l help -d 'Show this message and exit.'
complete -c mira -n '__mira_at "prompts edit" 0' -x -a '(__mira_prompts)'
complete -c mira -n '__mira_at "prompts remove"' -s h -l help -d 'Show this message and exit.'
complete -c mira -n '__mira_at "prompts remove" 0' -x -a '(__mira_prompts)'
complete -c mira -n '__mira_at simulate 0' -l port -x -d 'Port to listen on (default: any free one).'
complete -c mira -n '__mira_at simulate 0' -l fail -x -a '429-seconds 429-date 429-ms 429-hour 429-day 429-none 429-quota 402-balance 403-plan 403-quota 503-after 503-never blocked context no-answer stall cut-mid-token cut-between reset-before-headers reset-mid-stream length filtered error-mid bad-json no-text empty-body html' -d 'Make the next chat requests fail (repeatable).'
complete -c mira -n '__mira_at simulate 0' -l delay -x -d 'Wait before the first token.'
complete -c mira -n '__mira_at simulate 0' -l rate -x -d 'Tokens a second.'
complete -c mira -n '__mira_at simulate 0' -l window -x -d 'Refuse longer prompts.'
complete -c mira -n '__mira_at simulate 0' -l faults -d 'List the names that --fail takes, and stop.'
complete -c mira -n '__mira_at simulate 0' -l log -r -F -d 'Write each request to FILE, one JSON object a line.'
complete -c mira -n '__mira_at simulate 0' -l script -r -F -d 'Replies and faults in order, TOML or JSON.'
complete -c mira -n '__mira_at simulate 0' -s h -l help -d 'Show this message and exit.'
complete -c mira -n '__mira_at simulate' -x -a '(__mira_call)'
complete -c mira -n '__mira_at completion' -s h -l help -d 'Show this message and exit.'
complete -c mira -n '__mira_at completion 0' -x -a 'bash zsh fish powershell'
complete -c mira -n '__mira_at help' -s h -l help -d 'Show this message and exit.'
complete -c mira -n '__mira_at help 0' -a ask -d 'Ask one question and print the answer.'
complete -c mira -n '__mira_at help 0' -a chat -d 'Chat with Mira.'
complete -c mira -n '__mira_at help 0' -a models -d 'List the models, their context windows and maximum reply length.'
complete -c mira -n '__mira_at help 0' -a batch -d 'Ask every question of a JSONL file.'
complete -c mira -n '__mira_at help 0' -a config -d 'Show and change the settings.'
complete -c mira -n '__mira_at help 0' -a prompts -d 'List and edit saved prompts, for -p NAME.'
complete -c mira -n '__mira_at help 0' -a simulate -d 'Run a local mock API.'
complete -c mira -n '__mira_at help 0' -a completion -d 'Print the completion script of a shell.'
complete -c mira -n '__mira_at help 0' -a help -d 'Show the help of a command.'
complete -c mira -n '__mira_at help 1; and test (__mira_line)[2] = config' -a list -d 'Show every setting, its value and where it was set.'
complete -c mira -n '__mira_at help 1; and test (__mira_line)[2] = config' -a get -d 'Print the value in force; code 1 if nothing sets it.'
complete -c mira -n '__mira_at help 1; and test (__mira_line)[2] = config' -a set -d 'Set a value in config.toml, or the API key.'
complete -c mira -n '__mira_at help 1; and test (__mira_line)[2] = config' -a unset -d 'Reset a setting to its default, or forget the API key.'
complete -c mira -n '__mira_at help 1; and test (__mira_line)[2] = config' -a edit -d 'Open config.toml in $VISUAL or $EDITOR, then check it.'
complete -c mira -n '__mira_at help 1; and test (__mira_line)[2] = config' -a path -d 'Print where config.toml is.'
complete -c mira -n '__mira_at help 1; and test (__mira_line)[2] = config' -a check -d 'Check settings, key and connection (uses no tokens).'
complete -c mira -n '__mira_at help 1; and test (__mira_line)[2] = prompts' -a list -d 'List the saved prompts, each with its first line.'
complete -c mira -n '__mira_at help 1; and test (__mira_line)[2] = prompts' -a show -d 'Print a prompt.'
complete -c mira -n '__mira_at help 1; and test (__mira_line)[2] = prompts' -a edit -d 'Open a prompt in $VISUAL or $EDITOR; made when missing.'
complete -c mira -n '__mira_at help 1; and test (__mira_line)[2] = prompts' -a remove -d 'Remove a prompt; asks first on a terminal.'
