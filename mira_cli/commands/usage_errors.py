"""Usage errors: Typer's own errors reworded, with a hint.

Commands and errors are recognised by their attributes, because their classes are private to Typer.
"""

import shlex
from collections.abc import Sequence
from typing import Any

from mira_cli.commands.layout import walk
from mira_cli.errors import UsageError
from mira_cli.settings.parse import nearest

_VERSION = ("-V", "--version")
_KEY = ("--key", "--api-key", "--apikey", "--token")  # as in other clients; they end up in shell history
_QUESTION_COMMANDS = ("ask", "chat")


def in_our_words(error: Exception, argv: Sequence[str], root: Any) -> UsageError:
    """Typer's error as a UsageError."""
    message = getattr(error, "message", "") or str(error)
    context = getattr(error, "ctx", None)
    path = tuple(context.command_path.split()[1:]) if context is not None else _path_of(argv, root)
    name = " ".join(("mira", *path))
    option = getattr(error, "option_name", "")
    match type(error).__name__:
        case "NoSuchOption":
            return _unknown_option(option, path, argv, root)
        case "MissingParameter":
            text = f"{name} needs a {error.param.metavar}"  # type: ignore[attr-defined] # each argument has one
        case "BadOptionUsage":
            text = f"{option} {'takes no value' if 'not take' in message else 'needs a value'}"
        case _ if message.startswith("No such command"):
            return _unknown_command(path, argv, root)
        case _ if message.startswith("Missing command"):
            text = f"{name} needs a command"
        case _ if message.startswith("Got unexpected extra argument"):
            text = f"{name} does not take: {message.partition(' (')[2].removesuffix(')')}"
        case _:
            text = getattr(error, "format_message", lambda: message)().removesuffix(".")
    return UsageError(f"{text}.", hint=f"See: {name} --help")


def error_form(argv: Sequence[str], root: Any) -> str:
    """The form in which a call asks for errors ("text", "json" or "events"), even if it can't be parsed.

    Skips the values of options: in `-f --json`, the second word is a file name.
    """
    options = [param for _, command in walk(root) for param in _options(command)]
    valued = {spelling for param in options if not param.is_flag for spelling in param.opts}
    found = []
    words = iter(() if argv[:1] == ["simulate"] else argv)  # what follows simulate belongs to another command
    for word in words:
        if word == "--":
            break
        letters = [f"-{letter}" for letter in word[1:]] if word[:1] == "-" != word[1:2] else []
        taking = next((index for index, letter in enumerate(letters) if letter in valued), None)
        if word in valued or (taking is not None and taking == len(letters) - 1):
            next(words, None)
        elif word in ("--json", "--events"):
            found.append(word)
    return "text" if not found else "events" if set(found) == {"--events"} else "json"


def _options(command: Any) -> list[Any]:
    return [param for param in command.params if param.param_type_name == "option"]


def _path_of(argv: Sequence[str], root: Any) -> tuple[str, ...]:
    """The path of the called command, for errors that don't know it."""
    return next((path for path, _ in walk(root) if tuple(argv[: len(path)]) == path), ())


def _unknown_option(name: str, path: tuple[str, ...], argv: Sequence[str], root: Any) -> UsageError:
    if found := _dashed_question(argv):
        word, call = found
        return UsageError(
            f"No such option: {word.split()[0] if word[1:2].isdigit() else shlex.quote(word)}.",
            hint=f"A question that starts with a dash: {call}",
        )
    message = f"No such option: {name}."
    if path and name in _VERSION:
        return UsageError(message, hint=f"It stands alone: mira {name}")
    spellings = {
        each: [spelling for param in _options(command) for spelling in param.opts]
        for each, command in walk(root)
    }
    if not path and name in spellings["ask",]:
        return UsageError(message, hint=f"Put options after the command: mira ask {name}")
    if name in _KEY:
        return UsageError(message, hint="No flag takes a key. Set MIRA_API_KEY, or run: mira config set key")
    owners = [each for each, known in spellings.items() if name in known]
    if owners:  # of a group, its own commands first
        owner = min(owners, key=lambda each: each[: len(path)] != path)
        return UsageError(message, hint=f"It is an option of: mira {' '.join(owner)}")
    near = nearest(name, (*spellings.get(path, ()), "--help", *(() if path else ("--version",))))
    return UsageError(
        message + (f" Did you mean {near}?" if near else ""),
        hint=f"See: {' '.join(('mira', *path))} --help",
    )


def _unknown_command(path: tuple[str, ...], argv: Sequence[str], root: Any) -> UsageError:
    group = root
    for name in path:
        group = group.commands[name]
    words = [word for word in argv[len(path) :] if word != "--help"]
    word = words[0]
    near = nearest(word, tuple(group.commands))
    message = f"No such command: {word or shlex.quote(word)}." + (f" Did you mean {near}?" if near else "")
    if path or not word or "--help" in argv:
        return UsageError(message, hint=f"See: {' '.join(('mira', *path))} --help")
    return UsageError(message, hint=f"To ask it: mira ask {shlex.join(argv)}")


def _dashed_question(argv: Sequence[str]) -> tuple[str, str] | None:
    """An argument with a dash that looks like part of a question, and the call that would ask it."""
    named = argv[:1] and argv[0] in _QUESTION_COMMANDS
    if not named and not (argv and argv[0].startswith("-")):
        return None
    words = list(argv[1:] if named else argv)
    for index, word in enumerate(words):
        if word.startswith("-") and (word[1:2].isdigit() or any(map(str.isspace, word))):
            flags_before = any(each.startswith("-") for each in words[:index])
            question = " ".join(words[index:] if flags_before else words)
            return word, f"mira {argv[0] if named else 'ask'} -- {shlex.quote(question)}"
    return None
