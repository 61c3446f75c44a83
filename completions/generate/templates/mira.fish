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
            switch (string replace -r '^-[@@SWITCHES@@]+(?=.)' - -- $token)
                case --
                    set dashed yes
                case @@VALUED@@
                    set skip yes
            end
        else if test -z "$command"
            set command $token
            string match -qr '\s' -- $token; and set command ask
        else if contains -- $command @@GROUPS@@
            set command "$command $token"
        else
            set -a words $token
            contains -- $command @@CALLS@@; and set dashed yes
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
        printf '%s\n' @@MODELS@@
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
        @@SETTING_VALUES@@
    end
end

function __mira_call --description 'What completes a command of its own'
    complete --do-complete=(string join ' ' -- (string escape -- (__mira_line)[2..]) (commandline -ct))
end

complete -c mira -f
@@ROOT@@
@@COMMANDS@@
