"""What is made from the command tree and the settings table is as they are now."""

import subprocess
import sys
from pathlib import Path

import pytest
import tree_sitter_powershell
from tree_sitter import Language, Parser

from mira_cli.commands.scripts import script_for
from mira_cli.commands.scripts.man import RELEASED
from mira_cli.commands.tree import COMMANDS, SHELLS
from mira_cli.errors import UsageError

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


@pytest.mark.parametrize("script", ["regenerate.py", "pictures.py"])
def test_what_is_generated_is_current(script):
    check = subprocess.run(
        [sys.executable, HERE / script, "--check"], capture_output=True, text=True, check=False
    )
    assert (check.returncode, check.stdout) == (0, ""), check.stdout + check.stderr


@pytest.mark.parametrize("shell", SHELLS)
def test_a_script_is_whole_and_fills_every_gap(shell):
    script = script_for(shell)
    assert "@@" not in script
    assert script.endswith("\n")
    assert "\r" not in script
    assert all(name in script for row in COMMANDS for name in row.path)


def test_the_powershell_script_parses():
    """The one script whose shell cannot be had from Debian: its grammar at least is read by a parser."""
    parser = Parser(Language(tree_sitter_powershell.language()))
    script = script_for("powershell")
    assert parser.parse(b"foreach ($x in $y) { if ( }").root_node.has_error
    assert not parser.parse(script.encode()).root_node.has_error


def test_an_unknown_shell_names_those_there_are():
    with pytest.raises(UsageError) as raised:
        script_for("fisch")
    assert raised.value.message == "No completion for 'fisch'. Did you mean 'fish'?"
    assert "bash, zsh, fish and powershell" in raised.value.hint


def test_a_spelling_means_the_same_in_every_command():
    kinds = {}
    for row in COMMANDS:
        for flag in row.flags:
            for spelling in flag.spellings:
                known = kinds.setdefault(spelling, (flag.kind == "switch", flag.completes, flag.choices))
                assert known == (flag.kind == "switch", flag.completes, flag.choices), spelling


def test_the_man_page_bears_the_day_of_the_release():
    import datetime as dt

    day = dt.datetime.strptime(RELEASED, "%B %d, %Y").date()  # noqa: DTZ007 - a day has no zone
    assert f"] - {day.isoformat()}\n" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
