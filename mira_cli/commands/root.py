"""The Typer application with all commands, and the function that runs a command line."""

from collections.abc import Sequence
from copy import copy
from typing import Annotated, Any

import typer
from typer.main import get_command

from mira_cli import __version__
from mira_cli.commands.ask import ask
from mira_cli.commands.batch import batch
from mira_cli.commands.chat import chat
from mira_cli.commands.completion import completion
from mira_cli.commands.config import config
from mira_cli.commands.help import Command, CommandWithExitCodes, Group
from mira_cli.commands.models import models
from mira_cli.commands.options import Run
from mira_cli.commands.prompts import prompts
from mira_cli.commands.simulate import simulate

_UsageError: Any = typer.BadParameter.__base__  # the base of all usage errors; it has no public name

app = typer.Typer(
    name="mira",
    cls=Group,
    add_completion=False,  # it edits the user's shell files; `mira completion` prints a script instead
    rich_markup_mode=None,
    suggest_commands=False,  # usage_errors does
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
)


def _show_version(ctx: typer.Context, value: bool) -> None:
    if value:
        ctx.obj.streams.write(f"mira {__version__}\n")
        raise typer.Exit


@app.callback()
def about(
    version: Annotated[
        bool,
        typer.Option("-V", "--version", is_eager=True, help="Show the version.", callback=_show_version),
    ] = False,
) -> None:
    """Mira in your terminal: ask a question, chat, or use it in a pipeline.

    Examples:
        mira "What is machine learning?"
        git diff | mira ask "Review this change"
    """


def show_help(
    ctx: typer.Context,
    command: Annotated[
        list[str] | None, typer.Argument(metavar="COMMAND", help="Command to show the help of.")
    ] = None,
) -> int:
    """Show the help of a command.

    Examples:
        mira help ask
        mira help config set
    """
    return run_command([*(command or ()), "--help"], ctx.obj)


app.command("ask", cls=CommandWithExitCodes)(ask)
app.command("chat", cls=CommandWithExitCodes)(chat)
app.add_typer(config, name="config")
app.command("models", cls=Command)(models)
app.add_typer(prompts, name="prompts")
app.command("batch", cls=CommandWithExitCodes)(batch)
app.command("simulate", cls=Command, context_settings={"allow_interspersed_args": False})(simulate)
app.command("completion", cls=Command)(completion)
app.command("help", cls=Command)(show_help)


def run_command(argv: Sequence[str], run: Run) -> int:
    """Run a command line and return its exit code.

    Args:
        argv: The arguments, without the program's name; the first is a command or a global option.
        run: Passed to the command as `ctx.obj`.

    Raises:
        UsageError: Typer rejects the arguments.
        MiraError: The command failed.
    """
    root: Any = get_command(_with_one_command(argv[0]))
    try:
        # Not root.main(): it has its own exit codes for Ctrl-C, TERM, HUP and a closed pipe.
        with root.make_context("mira", list(argv), obj=run) as ctx:
            return root.invoke(ctx) or 0
    except typer.Exit as done:
        return done.exit_code
    except _UsageError as error:
        from mira_cli.commands.usage_errors import in_our_words

        raise in_our_words(error, list(argv), get_command(app)) from error


def _with_one_command(name: str) -> typer.Typer:
    """The application with only this command, if it exists: building all of them takes Typer a while."""
    part = copy(app)
    part.registered_commands = [info for info in app.registered_commands if info.name == name]
    part.registered_groups = [info for info in app.registered_groups if info.name == name]
    return part if part.registered_commands or part.registered_groups else app


def error_form(argv: Sequence[str]) -> str:
    """The form in which these arguments ask for errors: "text", "json" or "events"."""
    from mira_cli.commands import usage_errors

    return usage_errors.error_form(list(argv), get_command(app))
