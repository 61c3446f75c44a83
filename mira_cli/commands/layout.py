"""How commands take values and print help: Typer's classes, with values as text and plain help of 80 columns.

The text of help comes from the docstring of a command: a summary, more paragraphs, and "Examples:".
"""

import inspect
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import typer
from typer.core import TyperCommand, TyperGroup

F = TypeVar("F", bound=Callable[..., Any])

EXIT_CODES = (
    (0, "a complete reply, all of it written"),
    (1, "anything else"),
    (2, "usage or configuration"),
    (3, "network, or no answer in time"),
    (4, "key missing, malformed or refused"),
    (5, "request refused, or too long"),
    (6, "rate limit, quota or balance"),
    (7, "server error"),
    (8, "incomplete reply, or rows that failed"),
    (9, "reply has no code block or valid JSON"),
    (129, "ended by HUP: the terminal was closed"),
    (130, "ended by Ctrl-C"),
    (131, "ended by QUIT: Ctrl-\\"),
    (141, "output pipe closed (SIGPIPE)"),
    (143, "ended by TERM"),
)
_WITH_EXIT_CODES = ("ask", "chat", "batch")
_SELDOM = ("simulate", "completion", "help")
_EXAMPLES = "\n\nExamples:\n"


def help_text(command: Any) -> tuple[str, list[str], list[str]]:
    """The parts of a command's help: its summary, more paragraphs, and example calls, each one line."""
    text, _, examples = inspect.cleandoc(command.help or "").partition(_EXAMPLES)
    summary, *details = (" ".join(paragraph.split()) for paragraph in text.split("\n\n"))
    return summary, details, list(map(str.strip, examples.splitlines()))


def walk(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """All commands below this one that aren't groups, each with its path, such as ("config", "set")."""
    if not hasattr(command, "commands"):
        yield path, command
        return
    for name in command.list_commands(None):
        yield from walk(command.commands[name], (*path, name))


class _AsTyped:
    """Replaces the adapter that Typer builds for each parameter; building them takes about 140 ms a run."""

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        """The value unchanged; `()` for a repeatable one that was not given."""
        return tuple(value or ()) if param.multiple or param.nargs == -1 else value


_AS_TYPED = _AsTyped()


def keep_text(params: list[Any]) -> list[Any]:
    """The parameters without value conversion. If Typer renames the attribute, it is only slower."""
    for param in params:
        param.get_runtime_param = lambda: _AS_TYPED
    return params


class App(typer.Typer):
    """A group of commands with our classes and without what Typer adds to them."""

    def __init__(self, **settings: Any) -> None:
        # add_completion edits the user's shell files; `mira completion` prints a script instead.
        # suggest_commands is done by usage_errors.
        super().__init__(
            cls=Group, add_completion=False, rich_markup_mode=None, suggest_commands=False, **settings
        )

    def command(self, name: str | None = None, *, cls: Any = None, **settings: Any) -> Callable[[F], F]:
        """Register a function as a command."""
        return super().command(name, cls=cls or Command, **settings)


class Command(TyperCommand):
    """A command that takes its values as text and prints plain help."""

    def get_params(self, ctx: Any) -> list[Any]:
        """The parameters; their values stay text."""
        return keep_text(super().get_params(ctx))

    def get_help_option(self, ctx: Any) -> Any:
        """`--help`, written to our own streams."""
        return _to_our_streams(super().get_help_option(ctx))

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """`[OPTIONS] FILE [QUESTION]...`; for `simulate`, `[-- CMD...]`."""
        pieces = [self.options_metavar or ""]
        for param in _arguments(self):
            dots = "..." if param.nargs == -1 else ""
            if not ctx.allow_interspersed_args:
                pieces.append(f"[-- {param.metavar}{dots}]")
            else:
                pieces.append((param.metavar if param.required else f"[{param.metavar}]") + dots)
        return pieces

    def format_help_text(self, ctx: Any, formatter: Any) -> None:
        """The description, then examples."""
        _write_text(self, formatter)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """The arguments, without the type that Typer adds, then the options."""
        if arguments := [(param.metavar, param.help) for param in _arguments(self)]:
            with formatter.section("Arguments"):
                formatter.write_dl(arguments)
        options = [param for param in self.get_params(ctx) if param.param_type_name == "option"]
        with formatter.section("Options"):
            formatter.write_dl([param.get_help_record(ctx) for param in options])

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """The exit codes, for commands that ask the API."""
        if self.name in _WITH_EXIT_CODES:
            _write_exit_codes(formatter)


class Group(TyperGroup):
    """A group of commands whose help is like that of its commands."""

    def get_params(self, ctx: Any) -> list[Any]:
        """The parameters; their values stay text."""
        return keep_text(super().get_params(ctx))

    def get_help_option(self, ctx: Any) -> Any:
        """`--help`, written to our own streams."""
        return _to_our_streams(super().get_help_option(ctx))

    def format_help_text(self, ctx: Any, formatter: Any) -> None:
        """The description, then examples."""
        _write_text(self, formatter)

    def list_commands(self, ctx: Any) -> list[str]:
        """The names of its commands, rarely used ones last."""
        return sorted(super().list_commands(ctx), key=_SELDOM.__contains__)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """The commands with their summaries, never shortened."""
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, help_text(self.commands[name])[0]) for name in self.list_commands(ctx)]
            )

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """The exit codes, in the help of `mira` itself."""
        if ctx.parent is None:
            _write_exit_codes(formatter)


def _arguments(command: Any) -> list[Any]:
    return [param for param in command.params if param.param_type_name == "argument"]


def _to_our_streams(option: Any) -> Any:
    """Make the help option write to the streams of the run, so that write errors are reported."""
    option.callback = _show
    return option


def _show(ctx: Any, param: Any, value: Any) -> None:
    if value and not ctx.resilient_parsing:
        ctx.obj.streams.write(f"{ctx.get_help()}\n")
        raise typer.Exit


def _write_text(command: Any, formatter: Any) -> None:
    summary, details, examples = help_text(command)
    formatter.write_paragraph()
    for line in (summary, *details):
        formatter.write_text(line)
    with formatter.section("Examples"):
        for example in examples:
            formatter.write(f"{'':>{formatter.current_indent}}{example}\n")


def _write_exit_codes(formatter: Any) -> None:
    with formatter.section("Exit codes"):
        formatter.write_dl([(str(code), meaning) for code, meaning in EXIT_CODES])
