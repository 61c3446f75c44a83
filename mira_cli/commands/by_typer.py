"""Calls that Typer reads: help, and whatever the quick reader is not sure of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mira_cli.commands.tree import COMMANDS
from mira_cli.errors import UsageError
from mira_cli.settings.table import nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mira_cli.commands.call import Call, Surroundings


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
    if args[:1] == ["help"]:
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


def _in_our_words(error: Exception, args: Sequence[str]) -> UsageError:
    """Typer's complaint as one of ours: what is wrong, and what to do."""
    message = getattr(error, "message", "") or str(error)
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else _path_of(args)
    see = f"See: {path} --help"
    if type(error).__name__ == "NoArgsIsHelpError" or message == "Missing command.":
        return UsageError(f"{path} needs a command.", hint=see)
    if type(error).__name__ == "NoSuchOption":
        return _unknown_option(getattr(error, "option_name", ""), path, args)
    if message.startswith("No such command"):
        return _unknown_command(path, args)
    text = getattr(error, "format_message", lambda: message)()
    return UsageError(text if text.endswith((".", "?")) else f"{text}.", hint=see)


def _path_of(args: Sequence[str]) -> str:
    """The command that `args` call, as it is typed; what fails while they are split comes without it."""
    known = [row.path for row in COMMANDS if row.path == tuple(args[: len(row.path)])]
    return " ".join(("mira", *max(known, key=len, default=())))


def _unknown_option(name: str, path: str, args: Sequence[str]) -> UsageError:
    message = f"No such option: {name}."
    if dashed := _question_with_dash(args):
        return UsageError(message, hint=f"A question that starts with a dash: mira ask -- {dashed}")
    typed = tuple(path.split()[1:])
    spellings = {row.path: [each for flag in row.flags for each in flag.spellings] for row in COMMANDS}
    if not typed and name in spellings["ask",]:
        return UsageError(message, hint=f"Options stand after the command: mira ask {name}")
    near = nearest(name, (*spellings.get(typed, ()), "--help"))
    return UsageError(message + (f" Did you mean {near}?" if near else ""), hint=f"See: {path} --help")


def _unknown_command(path: str, args: Sequence[str]) -> UsageError:
    depth = len(path.split()) - 1
    word = args[depth]
    near = nearest(
        word, tuple(row.path[depth] for row in COMMANDS if row.path[:depth] == tuple(args[:depth]))
    )
    hint = f"See: {path} --help" if near or depth else f"A question of one word: mira ask {word}"
    return UsageError(f"No such command: {word}." + (f" Did you mean {near}?" if near else ""), hint=hint)


def _question_with_dash(args: Sequence[str]) -> str:
    """A question that begins with a dash, quoted for a shell; "" if it does not look like one."""
    import shlex

    if not args or args[0] not in {"ask", "chat"}:
        return ""
    for index, arg in enumerate(args[1:], 1):
        if arg.startswith("-") and (arg[1:2].isdigit() or any(map(str.isspace, arg))):
            return shlex.quote(" ".join(args[index:]))
    return ""
