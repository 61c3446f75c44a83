"""`mira config`: what is remembered between runs."""

# ruff: noqa: D301 - a real backspace before a paragraph keeps its lines as they are in help

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Protocol

import typer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mira_cli.terminal.streams import Streams


class Run(Protocol):
    """What the front door hands to a command."""

    streams: Streams
    env: Mapping[str, str]


app = typer.Typer(
    name="config",
    help="Show and change the settings.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Name = Annotated[str, typer.Argument(metavar="KEY", help="Name of the setting.", show_default=False)]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@app.command("list")
def list_settings(context: typer.Context, *, json: Json = False) -> None:
    """Show every setting, its value and who set it.

    \b
    Examples:
      mira config list
      mira config list --json
    """
    from mira_cli.session.configuring import show_list

    run: Run = context.obj
    show_list(run.streams, run.env, as_json=json)


@app.command("get")
def get_setting(
    context: typer.Context,
    name: Name,
    *,
    reveal: Annotated[bool, typer.Option("--reveal", help="Show the API key whole.")] = False,
) -> None:
    """Print the value in force. Code 1 when nothing sets it.

    \b
    Examples:
      mira config get model
      mira config get key --reveal
    """
    from mira_cli.session.configuring import get

    run: Run = context.obj
    raise typer.Exit(get(run.streams, run.env, name, reveal=reveal))


# A value may begin with a dash: `set temperature -1` is told what is wrong with the number.
@app.command("set", context_settings={"ignore_unknown_options": True})
def set_setting(
    context: typer.Context,
    name: Name,
    value: Annotated[
        str | None,
        typer.Argument(
            metavar="VALUE", help="What to set it to; else it is read from a pipe.", show_default=False
        ),
    ] = None,
) -> None:
    """Set a value in config.toml, or the API key.

    The key is asked for, hidden, or read from a pipe.

    \b
    Examples:
      mira config set model mira-pro
      pass show mira | mira config set key
    """
    from mira_cli.session.configuring import set_value

    run: Run = context.obj
    set_value(run.streams, run.env, name, value)


@app.command("unset")
def unset_setting(context: typer.Context, name: Name) -> None:
    """Take a setting back to its default; forget the API key.

    \b
    Examples:
      mira config unset model
      mira config unset key
    """
    from mira_cli.session.configuring import unset

    run: Run = context.obj
    unset(run.streams, run.env, name)


@app.command("edit")
def edit_settings(context: typer.Context) -> None:
    """Open config.toml in $VISUAL or $EDITOR, then check it.

    \b
    Examples:
      mira config edit
      EDITOR=nano mira config edit
    """
    from mira_cli.session.configuring import edit

    run: Run = context.obj
    edit(run.streams, run.env)


@app.command("path")
def print_path(
    context: typer.Context,
    *,
    key: Annotated[bool, typer.Option("--key", help="The key file instead.")] = False,
) -> None:
    """Print where config.toml is.

    \b
    Examples:
      mira config path
      mira config path --key
    """
    from mira_cli.session.configuring import show_path

    run: Run = context.obj
    show_path(run.streams, run.env, key=key)


@app.command("check")
def check_settings(context: typer.Context, *, json: Json = False) -> None:
    """Check settings, key and the way to the API, free of charge.

    Code 0, or that of the first line that failed.

    \b
    Examples:
      mira config check
      mira config check --json
    """
    from mira_cli.session.checking import run as check

    run: Run = context.obj
    raise typer.Exit(check(run.streams, run.env, {}, as_json=json))
