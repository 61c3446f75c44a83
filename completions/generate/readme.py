"""The tables of README.md that stand between `<!-- table NAME -->` and `<!-- end of table -->`."""

import re
from collections.abc import Iterable

from mira_cli import errors
from mira_cli.commands.layout import EXIT_CODES
from mira_cli.session.chat import commands

_MARKED = re.compile(r"(<!-- table ([a-z-]+) -->\n).*?(<!-- end of table -->)", re.DOTALL)


def with_tables(text: str) -> str:
    """The text with its marked tables made anew."""
    tables = {
        "chat-commands": chat_commands_table,
        "exit-codes": exit_codes_table,
        "errors": errors_table,
    }
    return _MARKED.sub(lambda found: found[1] + tables[found[2]]() + found[3], text)


def chat_commands_table() -> str:
    """Every slash command of a chat."""
    rows = (
        (f"`{name} {takes}`".replace(" `", "`"), commands.help_of(name))
        for name, (_, takes) in commands.COMMANDS.items()
    )
    return _table(("Command", "Does"), rows)


def exit_codes_table() -> str:
    """Every exit code."""
    return _table(("Code", "Means"), ((str(code), meaning) for code, meaning in EXIT_CODES))


def errors_table() -> str:
    """Every type that an error has in JSON."""
    kinds: list[type[errors.MiraError]] = [errors.MiraError]
    for kind in kinds:
        kinds += kind.__subclasses__()
    rows = [
        (
            kind.exit_code,
            f"`{kind.type}`",
            "yes" if kind.retryable else "no",
            _first_sentence(kind.__doc__ or ""),
        )
        for kind in kinds[1:]
    ]
    rows.append((1, f"`{errors.MiraError.type}`", "no", "A bug in mira."))
    return _table(("Code", "`type`", "`retryable`", "Is"), ((str(code), *row) for code, *row in sorted(rows)))


def _first_sentence(docstring: str) -> str:
    return docstring.partition("\n")[0]


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)
