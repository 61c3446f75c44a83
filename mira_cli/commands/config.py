"""`mira config`: shows and changes the settings."""

from typing import Annotated, Any

import typer

from mira_cli.commands import options as o
from mira_cli.commands.layout import App, Command

config = App()
_Name = Annotated[str, typer.Argument(metavar="KEY", help="Name of a setting.")]


class _SetCommand(Command):
    """`config set`: a value may start with a dash."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Treat everything after KEY as a value, except --help."""
        if len(args) > 1 and not args[0].startswith("-") and args[1] not in {"-h", "--help", "--"}:
            args = [args[0], "--", *args[1:]]
        return super().parse_args(ctx, args)


@config.callback()
def about() -> None:
    """Show and change the settings.

    Examples:
        mira config list
        mira config get model
    """


@config.command("list")
def list_(ctx: typer.Context, json: o.Json = False) -> None:
    """Show every setting, its value and where it was set.

    Examples:
        mira config list
        mira config list --json
    """
    from mira_cli.session.config import values

    run: o.Run = ctx.obj
    values.show_list(run.streams, run.env, as_json=json)


@config.command()
def get(
    ctx: typer.Context,
    name: _Name,
    reveal: Annotated[bool, typer.Option("--reveal", help="Show the full API key.")] = False,
) -> int:
    """Print the value in force; code 1 if nothing sets it.

    Examples:
        mira config get model
        mira config get key --reveal
    """
    from mira_cli.session.config import values

    run: o.Run = ctx.obj
    return values.get(run.streams, run.env, name, reveal=reveal)


@config.command("set", cls=_SetCommand)
def set_(
    ctx: typer.Context,
    name: _Name,
    value: Annotated[
        str | None, typer.Argument(metavar="VALUE", help="Its new value; else read from a pipe.")
    ] = None,
) -> None:
    """Set a value in config.toml, or the API key.

    The key is asked for, hidden, or read from a pipe.

    Examples:
        mira config set model mira-pro
        pass show mira | mira config set key
    """
    from mira_cli.session.config import values

    run: o.Run = ctx.obj
    values.set_value(run.streams, run.env, name, value)


@config.command()
def unset(ctx: typer.Context, name: _Name) -> None:
    """Reset a setting to its default, or forget the API key.

    Examples:
        mira config unset model
        mira config unset key
    """
    from mira_cli.session.config import values

    run: o.Run = ctx.obj
    values.unset(run.streams, run.env, name)


@config.command()
def edit(ctx: typer.Context) -> None:
    """Open config.toml in $VISUAL or $EDITOR, then check it.

    Examples:
        mira config edit
        EDITOR=nano mira config edit
    """
    from mira_cli.session.config import values

    run: o.Run = ctx.obj
    values.edit(run.streams, run.env)


@config.command()
def path(
    ctx: typer.Context,
    key: Annotated[bool, typer.Option("--key", help="Print the path of the key file instead.")] = False,
) -> None:
    """Print where config.toml is.

    Examples:
        mira config path
        mira config path --key
    """
    from mira_cli.session.config import values

    run: o.Run = ctx.obj
    values.show_path(run.streams, run.env, key=key)


@config.command()
def check(
    ctx: typer.Context, json: o.Json = False, base_url: o.BaseUrl = None, timeout: o.Timeout = None
) -> int:
    """Check settings, key and connection (uses no tokens).

    The exit code is that of the first line that failed.

    Examples:
        mira config check
        mira config check --json
    """
    from mira_cli.session.config import check as session

    run: o.Run = ctx.obj
    return session.run(run.streams, run.env, o.given_settings(ctx), as_json=json)
