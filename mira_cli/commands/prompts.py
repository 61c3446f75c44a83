"""`mira prompts`: system prompts kept by name."""

from typing import Annotated

import typer

from mira_cli.commands import options as o
from mira_cli.commands.layout import App

prompts = App()
_Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of a prompt: letters, digits, - and _.")]


@prompts.callback()
def about() -> None:
    """List and edit saved prompts, for -p NAME.

    Examples:
        mira prompts edit review
        git diff --staged | mira ask -p review
    """


@prompts.command("list")
def list_(ctx: typer.Context, json: o.Json = False) -> None:
    """List the saved prompts, each with its first line.

    Examples:
        mira prompts list
        mira prompts list --json
    """
    from mira_cli.session import prompts as session

    run: o.Run = ctx.obj
    session.show_list(run.streams, run.env, as_json=json)


@prompts.command()
def show(ctx: typer.Context, name: _Name) -> None:
    """Print a prompt.

    Examples:
        mira prompts show review
        mira prompts show review > review.md
    """
    from mira_cli.session import prompts as session

    run: o.Run = ctx.obj
    session.show(run.streams, run.env, name)


@prompts.command()
def edit(ctx: typer.Context, name: _Name) -> None:
    """Open a prompt in $VISUAL or $EDITOR; made when missing.

    Examples:
        mira prompts edit review
        EDITOR=nano mira prompts edit tutor
    """
    from mira_cli.session import prompts as session

    run: o.Run = ctx.obj
    session.edit(run.streams, run.env, name)


@prompts.command()
def remove(ctx: typer.Context, name: _Name) -> int:
    """Remove a prompt; asks first on a terminal.

    Examples:
        mira prompts remove review
        mira prompts remove tutor
    """
    from mira_cli.session import prompts as session

    run: o.Run = ctx.obj
    return session.remove(run.streams, run.env, name)
