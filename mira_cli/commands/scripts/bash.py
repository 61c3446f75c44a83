"""The completion script of bash; it holds for bash 3.2, for `set -u` and for `set -e` too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mira_cli.commands.scripts import offers
from mira_cli.commands.scripts.template import filled, wrapped
from mira_cli.commands.tree import COMMANDS, GROUPS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mira_cli.commands.scripts.offers import Offer
    from mira_cli.commands.tree import Command

# In all functions: `typed` is the word under the cursor, `kept` its beginning that bash leaves standing,
# `lead` what goes before each offer. They are locals of `_mira`, which bash shows to those it calls.
_TEMPLATE = r"""# bash completion for mira, printed by `mira completion bash`. A TAB starts no other program.
# shellcheck shell=bash

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
            case $raw in
                --) dashed=1 ;;
                @@VALUED@@) flag=$raw ;;
            esac
        elif [[ -z $command ]]; then
            command=$raw
            if [[ $raw == *[[:space:]]* ]]; then command=ask; fi
        elif [[ $command == @@GROUPS@@ ]]; then
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
"""


_ACTIONS = {
    "models": "_mira_offer_models",
    "paths": "_mira_offer_paths",
    "text or @path": 'if [[ $typed == "$lead@"* ]]; then lead+=@ && _mira_offer_paths; fi',
    "values": '_mira_offer_setting_value "$first"',
    "call": '_mira_offer_call "${places[i]}"',
}


def bash_script() -> str:
    """The script, complete."""
    valued = offers.valued_flags()
    models = next(offer for offer in valued.values() if offer.kind == "models")
    return filled(
        _TEMPLATE,
        {
            "MODELS": wrapped("_mira_offer", models.words),
            "VALUES": _by_offer(valued),
            "FLAGS": _flags(),
            "SETTING_VALUES": _by_offer(offers.values_by_setting()),
            "VALUED": " | ".join(valued),
            "GROUPS": _either(GROUPS),
            "CALLS": _either(row.name for row in COMMANDS if row.passes_on),
            "WORDS": _words(),
        },
    )


def _either(words: Iterable[str]) -> str:
    several = tuple(words)
    return several[0] if len(several) == 1 else f"@({'|'.join(several)})"


def _by_offer(table: dict[str, Offer]) -> Iterator[str]:
    """An arm of a `case` for each offer, with all the names it is made for."""
    for offer in dict.fromkeys(table.values()):
        if action := _action(offer):
            names = " | ".join(name for name, each in table.items() if each == offer)
            yield f"{names})"
            yield _indented(action) + " ;;"


def _action(offer: Offer) -> str:
    return wrapped("_mira_offer", offer.words) if offer.kind == "words" else _ACTIONS.get(offer.kind, "")


def _flags() -> Iterator[str]:
    yield "'')"
    yield _indented(wrapped("_mira_offer", (*offers.VERSION_FLAGS, *offers.HELP_FLAGS))) + " ;;"
    for group in GROUPS:
        yield f"{group})"
        yield _indented(wrapped("_mira_offer", offers.HELP_FLAGS)) + " ;;"
    for row in COMMANDS:
        spellings = [spelling for flag in row.flags for spelling in flag.spellings]
        yield f"{_quoted(row.name)})"
        yield _indented(wrapped("_mira_offer", (*spellings, *offers.HELP_FLAGS))) + " ;;"


def _words() -> Iterator[str]:
    yield "'')"
    yield _indented(wrapped("_mira_offer", offers.first_words())) + " ;;"
    for group in GROUPS:
        yield f"{group})"
        yield _indented(wrapped("_mira_offer", offers.second_words(group))) + " ;;"
    for row in COMMANDS:
        if steps := list(_steps(row)):
            yield f"{_quoted(row.name)})"
            yield _indented("\n".join(steps)) + " ;;"


def _steps(row: Command) -> Iterator[str]:
    """What is offered for each word of a command, by how many stand before it."""
    for place, word in enumerate(row.words):
        offer = offers.of_word(row, word)
        if offer.kind == "commands":
            yield from _names_of_commands()
        elif offer.kind == "call":
            yield _action(offer)
        elif action := _action(offer):
            yield f"if ((count == {place})); then\n{_indented(action)}\nfi"


def _names_of_commands() -> Iterator[str]:
    yield f"if ((count == 0)); then\n{_indented(wrapped('_mira_offer', offers.first_words()))}\nfi"
    for group in GROUPS:
        names = wrapped("_mira_offer", offers.second_words(group))
        yield f"if ((count == 1)) && [[ $first == {group} ]]; then\n{_indented(names)}\nfi"


def _quoted(name: str) -> str:
    return f"'{name}'" if " " in name else name


def _indented(text: str) -> str:
    return "\n".join(" " * 4 + line for line in text.split("\n"))
