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
        @@MODELS@@
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
        @@VALUES@@
    esac
}

_mira_offer_flags() {
    case $1 in
        @@FLAGS@@
    esac
}

_mira_offer_setting_value() {
    case $1 in
        @@SETTING_VALUES@@
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
            while [[ $raw == -[@@SWITCHES@@]?* ]]; do raw=-${raw:2}; done
            case $raw in
                --) dashed=1 ;;
                @@VALUED@@) flag=$raw ;;
            esac
        elif [[ -z $command ]]; then
            command=$raw
            if [[ $raw == *[[:space:]]* ]]; then command=ask; fi
        elif [[ "|@@GROUPS@@|" == *"|$command|"* ]]; then
            command+=" $raw"
        elif [[ $command == @@CALLS@@ ]]; then
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
            @@WORDS@@
        esac
    fi
    return 0
}

complete -F _mira mira
