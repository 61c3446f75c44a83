"""The Typer application with all commands, and the function that runs a command line."""

from collections.abc import Sequence
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.main import get_command

from mira_cli import __version__
from mira_cli.commands.layout import App
from mira_cli.commands.options import Run

_UsageError: Any = typer.BadParameter.__base__  # the base of all usage errors; it has no public name

COMMANDS = ("ask", "chat", "config", "models", "prompts", "batch", "simulate", "completion")
"""Each is a module of this package, with a function or a group of commands of the same name."""
_SETTINGS = {"simulate": {"allow_interspersed_args": False}}  # what follows its command belongs to that


def application(*names: str) -> typer.Typer:
    """The application with these of its commands; without names, with all of them and `help`."""
    app = App(name="mira", context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80})
    app.callback()(about)
    for name in names or COMMANDS:
        command = getattr(import_module(f"mira_cli.commands.{name}"), name)
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name)
        else:
            app.command(name, context_settings=_SETTINGS.get(name))(command)
    if not names:
        app.command("help")(show_help)
    return app


def _show_version(ctx: typer.Context, value: bool) -> None:
    if value:
        ctx.obj.streams.write(f"mira {__version__}\n")
        raise typer.Exit


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


def run_command(argv: Sequence[str], run: Run) -> int:
    """Run a command line and return its exit code.

    Args:
        argv: The arguments, without the program's name; the first is a command or a global option.
        run: Passed to the command as `ctx.obj`.

    Raises:
        UsageError: Typer rejects the arguments.
        MiraError: The command failed.
    """
    named = argv[:1] if argv[0] in COMMANDS else ()
    root: Any = get_command(application(*named))  # building all of them takes Typer a while
    try:
        # Not root.main(): it has its own exit codes for Ctrl-C, TERM, HUP and a closed pipe.
        with root.make_context("mira", list(argv), obj=run) as ctx:
            return root.invoke(ctx) or 0
    except typer.Exit as done:
        return done.exit_code
    except _UsageError as error:
        from mira_cli.commands.usage_errors import in_our_words

        raise in_our_words(error, list(argv), get_command(application())) from error


def error_form(argv: Sequence[str]) -> str:
    """The form in which these arguments ask for errors: "text", "json" or "events"."""
    from mira_cli.commands import usage_errors

    return usage_errors.error_form(list(argv), get_command(application()))
