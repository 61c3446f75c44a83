"""Calls that Typer reads: help, and whatever the quick reader is not sure of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mira_cli.commands.tree import COMMANDS
from mira_cli.errors import UsageError
from mira_cli.settings.parse import nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mira_cli.commands.call import Call, Surroundings

_HELP = (["-h"], ["--help"])
_VERSION = ("-V", "--version")
_KEY = ("--key", "--api-key", "--apikey", "--token")  # as other clients have them; a shell's history holds it


def perform(argv: Sequence[str], around: Surroundings, run: Callable[[Call, Surroundings], int]) -> int:
    """Let Typer read `argv`, and run the call that it makes.

    Raises:
        UsageError: Typer finds a fault in it.
        MiraError: As the command does.
    """
    from contextlib import redirect_stdout
    from io import StringIO

    import typer
    from typer.main import get_command

    from mira_cli import __version__
    from mira_cli.commands.typer_app import build

    args = list(argv)
    if args[:1] == ["help"] or (args[:1] in _HELP and _names_command(args[1:])):
        args = [*args[1:], "--help"]
    calls: list[Call] = []
    help_text = StringIO()  # what may go wrong with standard output is for our own streams to say
    root = get_command(
        build(args, calls.append, lambda: around.streams.write(f"mira {__version__}\n")),
    )
    try:
        with redirect_stdout(help_text):
            root.main(args, prog_name="mira", standalone_mode=False)
    except typer.Abort as error:
        raise KeyboardInterrupt from error
    except typer.TyperException as error:
        raise _in_our_words(error, args) from error
    if calls:
        return run(calls[0], around)
    around.streams.write(help_text.getvalue())
    return 0


def _names_command(words: Sequence[str]) -> bool:
    return any(row.path[:1] == tuple(words[:1]) for row in COMMANDS)


def _in_our_words(error: Exception, args: Sequence[str]) -> UsageError:
    """Typer's complaint as one of ours: what is wrong, and what to do."""
    message = getattr(error, "message", "") or str(error)
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else _path_of(args)
    option = getattr(error, "option_name", "")
    match type(error).__name__:
        case "NoSuchOption":
            return _unknown_option(option, path, args)
        case "NoArgsIsHelpError":
            text = f"{path} needs a command."
        case "MissingParameter":
            text = f"{path} needs a {error.param.metavar}."  # type: ignore[attr-defined] # its row names it
        case "BadOptionUsage":
            text = f"{option} {'takes no value' if 'not take' in message else 'needs a value'}."
        case _ if message.startswith("No such command"):
            return _unknown_command(path, args)
        case _ if message == "Missing command.":
            text = f"{path} needs a command."
        case _ if message.startswith("Got unexpected extra argument"):
            text = f"{path} does not take: {message.partition(' (')[2].removesuffix(')')}."
        case _:
            text = getattr(error, "format_message", lambda: message)()
    return UsageError(text if text.endswith((".", "?")) else f"{text}.", hint=f"See: {path} --help")


def _path_of(args: Sequence[str]) -> str:
    """The command that `args` call, as it is typed; what fails while they are split comes without it."""
    known = [row.path for row in COMMANDS if row.path == tuple(args[: len(row.path)])]
    return " ".join(("mira", *max(known, key=len, default=())))


def _unknown_option(name: str, path: str, args: Sequence[str]) -> UsageError:
    message = f"No such option: {name}."
    if call := _call_of_dashed_question(args):
        return UsageError(message, hint=f"A question that starts with a dash: {call}")
    typed = tuple(path.split()[1:])
    if typed and name in _VERSION:
        return UsageError(message, hint=f"It stands alone: mira {name}")
    spellings = {row.path: [each for flag in row.flags for each in flag.spellings] for row in COMMANDS}
    if not typed and name in spellings["ask",]:
        return UsageError(message, hint=f"Options stand after the command: mira ask {name}")
    if name in _KEY:
        return UsageError(message, hint="No flag takes a key. Set MIRA_API_KEY, or run: mira config set key")
    owners = [row for row in COMMANDS if name in spellings[row.path]]
    if owners:  # of a group, its own commands first
        owner = min(owners, key=lambda row: row.path[: len(typed)] != typed)
        return UsageError(message, hint=f"It is an option of: mira {owner.name}")
    near = nearest(name, (*spellings.get(typed, ()), "--help", *(() if typed else ("--version",))))
    return UsageError(message + (f" Did you mean {near}?" if near else ""), hint=f"See: {path} --help")


def _unknown_command(path: str, args: Sequence[str]) -> UsageError:
    import shlex

    depth = len(path.split()) - 1
    word = args[depth]
    near = nearest(
        word, tuple(row.path[depth] for row in COMMANDS if row.path[:depth] == tuple(args[:depth]))
    )
    message = f"No such command: {word or shlex.quote(word)}." + (f" Did you mean {near}?" if near else "")
    if near or depth or not word or "--help" in args:
        return UsageError(message, hint=f"See: {path} --help")
    return UsageError(message, hint=f"To ask it: mira ask {shlex.join(args)}")


def _call_of_dashed_question(args: Sequence[str]) -> str:
    """How to ask what begins with a dash, quoted for a shell; "" if nothing looks like such a question."""
    import shlex

    named = args[:1] in (["ask"], ["chat"])
    if not named and not (args and args[0].startswith("-")):
        return ""
    words = list(args[1:] if named else args)
    for index, word in enumerate(words):
        if word.startswith("-") and (word[1:2].isdigit() or any(map(str.isspace, word))):
            flags_before = any(each.startswith("-") for each in words[:index])
            question = " ".join(words[index:] if flags_before else words)
            return f"mira {args[0] if named else 'ask'} -- {shlex.quote(question)}"
    return ""
