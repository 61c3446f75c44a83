"""The options that commands share, made from the settings table, and how their values reach a command.

A setting is described once, in `settings/table.py`: its flags, its help and its metavar come from there.
Values stay text, since the settings table checks them, with the same messages for flags as for config.toml.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from mira_cli.errors import UsageError
from mira_cli.settings.parse import typed
from mira_cli.settings.table import BY_NAME, SETTINGS

if TYPE_CHECKING:
    from mira_cli.terminal.streams import Streams

T = TypeVar("T")


class Run:
    """The run that a command finds in `ctx.obj`: streams, environment, and arguments without `mira`."""

    def __init__(self, streams: "Streams", env: Mapping[str, str], argv: tuple[str, ...]) -> None:
        self.streams, self.env, self.argv = streams, env, argv


def _setting(name: str) -> Any:
    """The option of a setting."""
    row = BY_NAME[name]
    return typer.Option(*row.flags, metavar=row.metavar or None, help=row.flag_help or row.help)


def _file_name(param: typer.CallbackParam, value: Any) -> Any:
    """The file name unchanged.

    Raises:
        UsageError: It is empty, as when a shell variable is unset.
    """
    if value == "":
        raise UsageError(f"{param.opts[-1]} must not be empty.", hint="Give a file name.")
    return value


def file_option(*flags: str, help: str) -> Any:
    """An option whose value names a file."""
    return typer.Option(*flags, metavar="FILE", help=help, callback=_file_name)


Model = Annotated[str | None, _setting("model")]
System = Annotated[str | None, _setting("system")]
Prompt = Annotated[str | None, _setting("prompt")]
Temperature = Annotated[str | None, _setting("temperature")]
TopP = Annotated[str | None, _setting("top_p")]
MaxTokens = Annotated[str | None, _setting("max_tokens")]
Stop = Annotated[list[str] | None, _setting("stop")]
Context = Annotated[str | None, _setting("context")]
NoStream = Annotated[bool, _setting("stream")]
Reasoning = Annotated[bool, _setting("reasoning")]
Usage = Annotated[bool, _setting("usage")]
Plain = Annotated[bool, _setting("plain")]
Color = Annotated[str | None, _setting("color")]
Theme = Annotated[str | None, _setting("theme")]
Sanitize = Annotated[str | None, _setting("sanitize")]
Timeout = Annotated[str | None, _setting("timeout")]
MaxTime = Annotated[str | None, _setting("max_time")]
Retries = Annotated[str | None, _setting("retries")]
BaseUrl = Annotated[str | None, _setting("base_url")]

Files = Annotated[
    list[str] | None, typer.Option("-f", "--file", metavar="PATH", help="Add a text file (repeatable).")
]
Raw = Annotated[bool, typer.Option("-r", "--raw", help="Print Markdown as it comes, unrendered.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
JsonReply = Annotated[
    bool, typer.Option("--json-reply", help="Ask for a JSON object and check that it is one.")
]
Schema = Annotated[
    str | None, file_option("--schema", help="Ask for JSON that fits this JSON Schema and check it.")
]
NoReask = Annotated[bool, typer.Option("--no-reask", help="Don't retry when the JSON doesn't match.")]
Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="Print only the answer and errors.")]
Verbose = Annotated[
    bool, typer.Option("-v", "--verbose", help="Print requests, retries and timings on stderr.")
]


def given_settings(ctx: typer.Context) -> dict[str, object]:
    """The settings given as options in this call, in the form that `settings.resolve` takes."""
    given: dict[str, object] = {}
    for row in SETTINGS:
        name = row.flags[-1].removeprefix("--").replace("-", "_") if row.flags else ""
        value = ctx.params.get(name)
        if value is None or value is False or value in ((), []):
            continue
        if value is True:
            value = "always" if row.name == "usage" else not name.startswith("no_")
        given[row.name] = tuple(value) if isinstance(value, list) else value
    return given


def spelled(ctx: typer.Context, *spellings: str) -> str:
    """The spelling of an option that was typed, short or long, for messages."""
    short, long = spellings
    return long if long in ctx.obj.argv else short


def value_of(flag: str, text: str | None, parse: Callable[[object], T]) -> T | None:
    """The value of a flag, read by one of the settings' parsers; None if it was not given.

    Raises:
        UsageError: The value is bad.
    """
    return None if text is None else typed(parse, text, flag)
