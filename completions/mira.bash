# bash completion for mira, printed by `mira completion bash`. A TAB starts no other program.
# shellcheck shell=bash

# In all functions: `typed` is the word under the cursor, `kept` its beginning that bash leaves standing,
# `lead` what goes before each offer. They are locals of `_mira`, which bash shows to those it calls.

_mira_offer() {
    local word
    for word; do
        if [[ $lead$word == "$typed"* ]]; then
            word=$lead$word
            COMPREPLY+=("${word#"$kept"}")
        fi
    done
}

_mira_offer_paths() {
    local path
    compopt -o filenames -o default 2>/dev/null || true
    while IFS= read -r path; do
        path=$lead$path
        COMPREPLY+=("${path#"$kept"}")
    done < <(compgen -f -- "${typed#"$lead"}")
}

# The models that `mira models` saw last, else the known ones. A name is only ever text here.
_mira_offer_models() {
    local directory=${MIRA_CONFIG_DIR-} model
    if [[ -z $directory ]]; then
        directory=${HOME-}/.cache/mira
        if [[ ${XDG_CACHE_HOME-} == /* ]]; then directory=$XDG_CACHE_HOME/mira; fi
        if [[ -d ${HOME-}/Library/Caches/mira ]]; then directory=$HOME/Library/Caches/mira; fi
    fi
    if [[ -r $directory/models ]]; then
        while IFS= read -r model; do
            _mira_offer "$model"
        done <"$directory/models"
    else
        _mira_offer mira mira-thinking mira-pro mira-max
    fi
}

# The names of the saved prompts.
_mira_offer_prompts() {
    local directory=${MIRA_CONFIG_DIR-} path
    if [[ -z $directory ]]; then
        directory=${HOME-}/.config/mira
        if [[ ${XDG_CONFIG_HOME-} == /* ]]; then directory=$XDG_CONFIG_HOME/mira; fi
        if [[ -d "${HOME-}/Library/Application Support/mira" ]]; then
            directory="${HOME-}/Library/Application Support/mira"
        fi
    fi
    while IFS= read -r path; do
        path=${path##*/}
        if [[ $path == *.md && ${path%.md} != *[!A-Za-z0-9_-]* ]]; then _mira_offer "${path%.md}"; fi
    done < <(compgen -f -- "$directory/prompts/")
}

_mira_offer_value() {
    case $1 in
        -m | --model)
            _mira_offer_models ;;
        -s | --system)
            if [[ $typed == "$lead@"* ]]; then lead+=@ && _mira_offer_paths; fi ;;
        -p | --prompt)
            _mira_offer_prompts ;;
        -f | --file | -c | --conversation | --schema | -l | --load | --save | -o | --output | --log | --script)
            _mira_offer_paths ;;
        --color | --sanitize)
            _mira_offer auto always never ;;
        --theme)
            _mira_offer auto light dark ansi ;;
        --fail)
            _mira_offer 429-seconds 429-date 429-ms 429-hour 429-day 429-none 429-quota 402-balance \
                403-plan 403-quota 503-after 503-never blocked context no-answer stall cut-mid-token \
                cut-between reset-before-headers reset-mid-stream length filtered error-mid bad-json \
                no-text empty-body html ;;
    esac
}

_mira_offer_flags() {
    case $1 in
        '')
            _mira_offer -V --version -h --help ;;
        config)
            _mira_offer -h --help ;;
        prompts)
            _mira_offer -h --help ;;
        ask)
            _mira_offer -m --model -s --system -p --prompt -f --file -t --temperature --top-p \
                --max-tokens --stop --context -c --conversation -e --edit -x --code --lang \
                --code-all -r --raw --json --events --json-reply --schema --no-reask --reasoning -u \
                --usage -n --dry-run --no-stdin --no-stream --plain --color --theme --sanitize \
                --timeout --max-time --retries --base-url -q --quiet -v --verbose -h --help ;;
        chat)
            _mira_offer -m --model -s --system -p --prompt -f --file -t --temperature --top-p \
                --max-tokens --stop --context -c --conversation -l --load --save -r --raw \
                --reasoning -u --usage --no-stream --plain --color --theme --sanitize --timeout \
                --max-time --retries --base-url -q --quiet -v --verbose -h --help ;;
        models)
            _mira_offer --json --color --timeout --max-time --retries --base-url -q --quiet -v \
                --verbose -h --help ;;
        batch)
            _mira_offer -o --output --lines --as-completed -j --jobs --per-minute --limit \
                --retry-failed -m --model -s --system -p --prompt -t --temperature --top-p \
                --max-tokens --stop --json-reply --schema --no-reask --plain --color --timeout \
                --max-time --retries --base-url -q --quiet -v --verbose -h --help ;;
        'config list')
            _mira_offer --json -h --help ;;
        'config get')
            _mira_offer --reveal -h --help ;;
        'config set')
            _mira_offer -h --help ;;
        'config unset')
            _mira_offer -h --help ;;
        'config edit')
            _mira_offer -h --help ;;
        'config path')
            _mira_offer --key -h --help ;;
        'config check')
            _mira_offer --json --base-url --timeout -h --help ;;
        'prompts list')
            _mira_offer --json -h --help ;;
        'prompts show')
            _mira_offer -h --help ;;
        'prompts edit')
            _mira_offer -h --help ;;
        'prompts remove')
            _mira_offer -h --help ;;
        simulate)
            _mira_offer --port --fail --delay --rate --window --faults --log --script -h --help ;;
        completion)
            _mira_offer -h --help ;;
        help)
            _mira_offer -h --help ;;
    esac
}

_mira_offer_setting_value() {
    case $1 in
        model)
            _mira_offer_models ;;
        prompt)
            _mira_offer_prompts ;;
        stream | reasoning | fold_system | history | vi | plain)
            _mira_offer true false ;;
        usage | color | sanitize)
            _mira_offer auto always never ;;
        theme)
            _mira_offer auto light dark ansi ;;
    esac
}

# A command of its own, which begins at this word of the line.
_mira_offer_call() {
    local first=$1 name
    if ((first >= COMP_CWORD)); then
        while IFS= read -r name; do
            COMPREPLY+=("$name")
        done < <(compgen -c -- "$typed")
    elif [[ ${COMP_WORDS[first]##*/} == mira ]]; then
        local -a rest=("${COMP_WORDS[@]:first}")
        local -a COMP_WORDS=("${rest[@]}")
        local COMP_CWORD=$((COMP_CWORD - first))
        _mira
    elif declare -F _command_offset >/dev/null; then
        _command_offset "$first"
    else
        compopt -o default 2>/dev/null || true
    fi
}

_mira() {
    local IFS=$' \t\n' typed='' kept='' lead='' command='' first='' flag='' dashed='' apart=1
    local raw breaks i count=0 last=-1
    local -a words=() places=()
    COMPREPLY=()
    # Bash cuts words at = : @ too; here they are put together again.
    for ((i = 1; i <= COMP_CWORD; i++)); do
        raw=${COMP_WORDS[i]-} breaks=
        [[ -n $raw && $raw != *[!=:@]* ]] && breaks=1
        if ((last < 0)) || [[ -z $raw || -z $breaks && ( -n $apart || $raw == -* ) ]] ||
            [[ $raw == @* && ${words[last]} == -* && ${words[last]} != *= ]]; then
            words+=("$raw") places+=("$i") kept=
            last=$((last + 1))
        else
            kept=${words[last]}
            words[last]+=$raw
        fi
        [[ -z $breaks ]] || kept=${words[last]}
        if [[ -n $breaks ]]; then apart=; else apart=1; fi
    done
    ((last >= 0)) || return 0
    typed=${words[last]}
    kept=${kept%@} # an @ counts as part of what is completed

    for ((i = 0; i < last; i++)); do
        raw=${words[i]}
        if [[ -n $flag ]]; then
            flag=
        elif [[ -z $dashed && $raw == -?* ]]; then
            # Of several flags in one word, the last may take a value: -xf is -x -f.
            while [[ $raw == -[Vehnqruvx]?* ]]; do raw=-${raw:2}; done
            case $raw in
                --) dashed=1 ;;
                -m | --model | -s | --system | -p | --prompt | -f | --file | -t | --temperature | --top-p | --max-tokens | --stop | --context | -c | --conversation | --lang | --schema | --color | --theme | --sanitize | --timeout | --max-time | --retries | --base-url | -l | --load | --save | -o | --output | -j | --jobs | --per-minute | --limit | --port | --fail | --delay | --rate | --window | --log | --script) flag=$raw ;;
            esac
        elif [[ -z $command ]]; then
            command=$raw
            if [[ $raw == *[[:space:]]* ]]; then command=ask; fi
        elif [[ "|config|prompts|" == *"|$command|"* ]]; then
            command+=" $raw"
        elif [[ $command == simulate ]]; then
            break
        else
            if ((count == 0)); then first=$raw; fi
            count=$((count + 1))
        fi
    done

    if [[ -n $flag ]]; then
        _mira_offer_value "$flag"
    elif ((i == last)) && [[ -z $dashed && $typed == --*=* ]]; then
        lead=${typed%%=*}=
        _mira_offer_value "${typed%%=*}"
    elif ((i == last)) && [[ -z $dashed && $typed == -* ]]; then
        _mira_offer_flags "$command"
    else
        case $command in
            '')
                _mira_offer ask chat models batch config prompts simulate completion help ;;
            config)
                _mira_offer list get set unset edit path check ;;
            prompts)
                _mira_offer list show edit remove ;;
            batch)
                if ((count == 0)); then
                    _mira_offer_paths
                fi ;;
            'config get')
                if ((count == 0)); then
                    _mira_offer key model system prompt temperature top_p max_tokens stop context stream \
                        reasoning fold_system usage history vi plain color theme sanitize timeout \
                        connect_timeout max_time retries base_url key_command
                fi ;;
            'config set')
                if ((count == 0)); then
                    _mira_offer key model system prompt temperature top_p max_tokens stop context stream \
                        reasoning fold_system usage history vi plain color theme sanitize timeout \
                        connect_timeout max_time retries base_url key_command
                fi
                if ((count == 1)); then
                    _mira_offer_setting_value "$first"
                fi ;;
            'config unset')
                if ((count == 0)); then
                    _mira_offer key model system prompt temperature top_p max_tokens stop context stream \
                        reasoning fold_system usage history vi plain color theme sanitize timeout \
                        connect_timeout max_time retries base_url key_command
                fi ;;
            'prompts show')
                if ((count == 0)); then
                    _mira_offer_prompts
                fi ;;
            'prompts edit')
                if ((count == 0)); then
                    _mira_offer_prompts
                fi ;;
            'prompts remove')
                if ((count == 0)); then
                    _mira_offer_prompts
                fi ;;
            simulate)
                _mira_offer_call "${places[i]}" ;;
            completion)
                if ((count == 0)); then
                    _mira_offer bash zsh fish powershell
                fi ;;
            help)
                if ((count == 0)); then
                    _mira_offer ask chat models batch config prompts simulate completion help
                fi
                if ((count == 1)) && [[ $first == config ]]; then
                    _mira_offer list get set unset edit path check
                fi
                if ((count == 1)) && [[ $first == prompts ]]; then
                    _mira_offer list show edit remove
                fi ;;
        esac
    fi
    return 0
}

complete -F _mira mira
