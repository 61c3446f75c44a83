"""Writes what is made from the command tree and the settings table; with --check only says what is stale.

    python tests/house/regenerate.py [--check]

Made are the completion scripts and the man page in completions/, and the tables of README.md
that stand between `<!-- table NAME -->` and `<!-- end of table -->`.
"""

import re
import sys
from pathlib import Path

from mira_cli import errors
from mira_cli.commands.scripts import script_for
from mira_cli.commands.scripts.man import man_page
from mira_cli.commands.tree import BY_PATH, EXIT_CODES
from mira_cli.session.chat import slash
from mira_cli.settings.display import display
from mira_cli.settings.table import SETTINGS

ROOT = Path(__file__).parents[2]
_MARKED = re.compile(r"(<!-- table ([a-z-]+) -->\n).*?(<!-- end of table -->)", re.DOTALL)


def generated() -> dict[Path, str]:
    """Each generated file and what it should hold."""
    completions = ROOT / "completions"
    pages = (ROOT / "README.md",)
    return {
        completions / "mira.bash": script_for("bash"),
        completions / "_mira": script_for("zsh"),
        completions / "mira.fish": script_for("fish"),
        completions / "mira.ps1": script_for("powershell"),
        completions / "mira.1": man_page(),
        **{page: with_tables(page.read_text(encoding="utf-8")) for page in pages},
    }


def with_tables(text: str) -> str:
    """The text with its marked tables made anew."""
    tables = {
        "chat-commands": chat_commands_table,
        "settings": settings_table,
        "ask": lambda: flags_table("ask", besides="chat"),
        "batch": lambda: flags_table("batch"),
        "simulate": lambda: flags_table("simulate"),
        "exit-codes": exit_codes_table,
        "errors": errors_table,
    }
    return _MARKED.sub(lambda found: found[1] + tables[found[2]]() + found[3], text)


def chat_commands_table() -> str:
    """Every slash command of a chat."""
    rows = ((f"`{row.name} {row.takes}`".replace(" `", "`"), row.help) for row in slash.COMMANDS)
    return _table(("Command", "Does"), rows)


def settings_table() -> str:
    """Every setting by its four names."""
    rows = (
        (
            f"`{row.name}`",
            f"`{row.flags[-1]}`" if row.flags else "",
            f"`{row.env}`",
            row.range,
            f"`{display(row.default)}`" if display(row.default) else "",
            row.help,
        )
        for row in SETTINGS
    )
    return _table(("Setting", "Flag", "Variable", "Takes", "Default", "Is"), rows)


def flags_table(name: str, besides: str = "") -> str:
    """The flags of a command; marked are those that another one has too."""
    others = {flag.spellings for flag in BY_PATH[(besides,)].flags} if besides else set()
    rows = []
    for flag in BY_PATH[(name,)].flags:
        spelled = ", ".join(flag.spellings) + (f" {flag.metavar}" if flag.metavar else "")
        row = (f"`{spelled}`", flag.help)
        rows.append((*row, "yes" if flag.spellings in others else "") if besides else row)
    return _table(("Option", "Does", f"in `{besides}` too") if besides else ("Option", "Does"), rows)


def exit_codes_table() -> str:
    """Every exit code."""
    return _table(("Code", "Means"), ((str(code), meaning) for code, meaning in EXIT_CODES))


def errors_table() -> str:
    """Every type that an error has in JSON."""
    kinds = [errors.MiraError]
    for kind in kinds:
        kinds += kind.__subclasses__()
    rows = [
        (kind.exit_code, f"`{kind.type}`", "yes" if kind.retryable else "no", _first_sentence(kind.__doc__))
        for kind in kinds[1:]
    ]
    rows.append((1, f"`{errors.MiraError.type}`", "no", "A bug in mira."))
    return _table(("Code", "`type`", "`retryable`", "Is"), ((str(code), *row) for code, *row in sorted(rows)))


def _first_sentence(docstring: str) -> str:
    return docstring.partition("\n")[0]


def _table(head, rows) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)


def main() -> int:
    """Write the stale files, or name them."""
    stale = [
        path
        for path, text in generated().items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    if "--check" in sys.argv[1:]:
        for path in stale:
            print(f"{path.relative_to(ROOT)} is stale; run: python tests/house/regenerate.py")
        return bool(stale)
    for path, text in generated().items():
        path.write_text(text, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
