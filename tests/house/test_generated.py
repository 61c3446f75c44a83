"""What is made from the commands and the settings table is as they are now."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
import tree_sitter_powershell
from generate.man import RELEASED
from generate.offers import of_option
from generate.tree import COMMANDS
from tree_sitter import Language, Parser

from mira_cli import __version__
from mira_cli.commands.completion import SCRIPTS, script_for
from mira_cli.errors import UsageError

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


@pytest.mark.parametrize(
    "script", [ROOT / "completions" / "generate", HERE / "pictures.py"], ids=lambda path: path.name
)
def test_what_is_generated_is_current(script):
    check = subprocess.run([sys.executable, script, "--check"], capture_output=True, text=True, check=False)
    assert (check.returncode, check.stdout) == (0, ""), check.stdout + check.stderr


@pytest.mark.parametrize("shell", SCRIPTS)
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
    known = {}
    for row in COMMANDS:
        for option in row.options:
            for spelling in option.spellings:
                meaning = (bool(option.metavar), option.repeatable, of_option(option))
                assert known.setdefault(spelling, meaning) == meaning, spelling


def test_every_option_is_in_the_man_page():
    page = (ROOT / "completions" / "mira.1").read_text(encoding="utf-8")
    for row in COMMANDS:
        section = page.partition(f".Ss mira {row.name}\n")[2].partition("\n.S")[0]
        assert all(f"Fl {each[1:]}" in section for option in row.options for each in option.spellings), (
            row.name
        )


def test_the_man_page_bears_the_day_of_the_release():
    day = time.strftime("%Y-%m-%d", time.strptime(RELEASED, "%B %d, %Y"))
    assert f"\n## [{__version__}] - {day}\n" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
