"""The commands as Typer has them: for help, and for every call that is not plain sailing."""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from mira_cli.commands.call import Call
from mira_cli.commands.command import Command, Words
from mira_cli.commands.flags import Flag
from mira_cli.commands.tree import COMMANDS, EXIT_CODES, GROUPS

_CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 80}
_SUMMARY = "Chat with Mira: one answer, a talk, or a step in a pipe."
_ROOT_EXAMPLES = ('mira "What is machine learning?"', 'git diff | mira ask "Review this change"')


@dataclass(frozen=True)
class _AsTyped:
    """Hands a parameter's text on as it was typed.

    Typer builds a pydantic adapter for each parameter, 90 ms for a call; what values may be is checked
    by the settings table anyway, in words of its own.
    """

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:  # noqa: ARG002 - Typer's signature
        """The value unchanged; a repeatable one as a tuple."""
        if param.multiple or param.nargs == -1:
            return tuple(value or ())
        return value


def _as_typed(params: list[Any]) -> list[Any]:
    """The parameters, freed of pydantic where Typer still has the attribute that allows it."""
    for param in params:
        if hasattr(param, "_runtime_param"):
            param._runtime_param = _AsTyped()  # noqa: SLF001 - there is no public way; guarded by a test
    return params


class PlainCommand(TyperCommand):
    """A command whose parameters stay text, and whose help ends in the exit codes."""

    def get_params(self, ctx: Any) -> list[Any]:
        """The parameters, as typed."""
        return _as_typed(super().get_params(ctx))

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Arguments by their own words, without the type that Typer adds; then options."""
        row = _row_of(ctx)
        if row.words:
            with formatter.section("Arguments"):
                formatter.write_dl([(word.metavar, word.help) for word in row.words])
        records = [
            param.get_help_record(ctx) for param in self.get_params(ctx) if param.param_type_name == "option"
        ]
        with formatter.section("Options"):
            formatter.write_dl(list(filter(None, records)))

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        """`Usage: mira ask [OPTIONS] [QUESTION]...`, arguments in the order they are typed."""
        pieces = [self.options_metavar or "", *_usage_words(_row_of(ctx))]
        formatter.write_usage(ctx.command_path, " ".join(pieces))

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """The exit codes, where a command has some of its own."""
        if _row_of(ctx).path[0] in {"ask", "chat", "batch"}:
            _write_exit_codes(formatter)

    def format_help_text(self, ctx: Any, formatter: Any) -> None:
        """What it does, then examples."""
        row = _row_of(ctx)
        _write_text(formatter, (row.summary, *row.details), row.examples)


class PlainGroup(TyperGroup):
    """A group that shows examples as its commands do, and its commands in the order of the tree."""

    def get_params(self, ctx: Any) -> list[Any]:
        """The parameters, as typed."""
        return _as_typed(super().get_params(ctx))

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - Typer's signature
        """Names in the order of the tree."""
        depth = 1 if self.name in GROUPS else 0
        order = list(dict.fromkeys(row.path[depth] for row in COMMANDS if len(row.path) > depth))
        return sorted(self.commands, key=order.index)

    def format_help_text(self, ctx: Any, formatter: Any) -> None:
        """What it is for, then examples."""
        name = ctx.info_name if ctx.parent else ""
        examples = tuple(row.examples[0] for row in COMMANDS if row.path[0] == name) or _ROOT_EXAMPLES
        _write_text(formatter, (GROUPS.get(name, _SUMMARY),), examples[:2])

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """The commands, each with the whole of its line, however narrow the terminal."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, self.commands[name].help) for name in self.list_commands(ctx)])

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """The exit codes, which all commands share."""
        if not ctx.parent:
            _write_exit_codes(formatter)


def build(argv: Sequence[str], run: Callable[[Call], None], show_version: Callable[[], None]) -> typer.Typer:
    """The whole program as a Typer application.

    Args:
        argv: The words of the call: only the command that they name is given its parameters, which take long
            to build.
        run: Called with the call that was read.
        show_version: Called for `--version`.
    """

    def root(
        version: Annotated[
            bool,
            typer.Option(
                "-V", "--version", is_eager=True, help="Show the version.", callback=_when(show_version)
            ),
        ] = False,
    ) -> None:
        del version

    app = _group("mira", _SUMMARY)
    app.callback()(root)
    groups = {name: _group(name, text) for name, text in GROUPS.items()}
    for name, group in groups.items():
        app.add_typer(group, name=name)
    for row in COMMANDS:
        settings = dict(_CONTEXT)
        named = tuple(argv[: len(row.path)]) == row.path
        if row.dashed:
            settings["ignore_unknown_options"] = True
        if row.passes_on:
            settings["allow_interspersed_args"] = False
        owner = groups.get(row.path[0], app)
        owner.command(row.path[-1], cls=PlainCommand, help=row.summary, context_settings=settings)(
            _function(row if named else row._replace(words=(), flags=()), run)
        )
    return app


def _group(name: str, text: str) -> typer.Typer:
    return typer.Typer(
        name=name,
        cls=PlainGroup,
        help=text,
        add_completion=False,
        rich_markup_mode=None,
        no_args_is_help=name != "mira",
        context_settings=_CONTEXT,
    )


def _when(show_version: Callable[[], None]) -> Callable[[bool], None]:
    def callback(value: bool) -> None:
        if value:
            show_version()
            raise typer.Exit

    return callback


def _function(row: Command, run: Callable[[Call], None]) -> Callable[..., None]:
    """The function that Typer reads a command's parameters from, made from its row."""

    def function(**values: Any) -> None:
        words = {word.name: _as_tuple(values[word.name]) for word in row.words}
        flags = {
            flag.name: _as_tuple(values[_parameter(flag)])
            if flag.kind == "values"
            else values[_parameter(flag)]
            for flag in row.flags
        }
        run(
            Call(row, words, {name: value for name, value in flags.items() if value not in (None, False, ())})
        )

    parameters = [(word.name, *_argument(word)) for word in row.words]
    parameters += [(_parameter(flag), *_option(flag)) for flag in row.flags]
    kind = inspect.Parameter.KEYWORD_ONLY
    function.__signature__ = inspect.Signature(  # type: ignore[attr-defined] # read by inspect.signature
        [
            inspect.Parameter(name, kind, default=default, annotation=note)
            for name, note, default in parameters
        ]
    )
    function.__annotations__ = {name: note for name, note, _ in parameters}
    function.__name__ = "_".join(row.path)
    return function


def _argument(word: Words) -> tuple[Any, Any]:
    info = typer.Argument(metavar=word.metavar, help=word.help, show_default=False)
    default = ... if word.required else None
    return (Annotated[list[str] | None, info] if word.many else Annotated[str | None, info]), default


def _option(flag: Flag) -> tuple[Any, Any]:
    if flag.kind == "switch":
        return Annotated[bool, typer.Option(*flag.spellings, help=flag.help, show_default=False)], False
    info = typer.Option(*flag.spellings, help=flag.help, metavar=flag.metavar, show_default=False)
    return (Annotated[list[str] | None, info] if flag.kind == "values" else Annotated[str | None, info]), None


def _parameter(flag: Flag) -> str:
    return f"flag_{flag.name}"


def _as_tuple(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)


def _row_of(ctx: Any) -> Command:
    path = tuple(ctx.command_path.split()[1:])
    return next(row for row in COMMANDS if row.path == path)


def _usage_words(row: Command) -> list[str]:
    if row.passes_on:
        return ["[-- CMD...]"]
    dots = {True: "...", False: ""}
    return [(word.metavar if word.required else f"[{word.metavar}]") + dots[word.many] for word in row.words]


def _write_exit_codes(formatter: Any) -> None:
    with formatter.section("Exit codes"):
        formatter.write_dl([(str(code), meaning) for code, meaning in EXIT_CODES])


def _write_text(formatter: Any, lines: tuple[str, ...], examples: tuple[str, ...]) -> None:
    formatter.write_paragraph()
    for line in lines:
        formatter.write_text(line)
    with formatter.section("Examples"):
        for example in examples:
            formatter.write(f"{'':>{formatter.current_indent}}{example}\n")
