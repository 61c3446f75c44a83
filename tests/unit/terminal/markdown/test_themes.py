"""Which colours of code there are, and what is said of one that is not there."""

from __future__ import annotations

import pytest

from mira_cli.errors import UsageError
from mira_cli.terminal.markdown.themes import OWN, check_theme, is_theme


@pytest.mark.parametrize("name", [*OWN, "monokai", "solarized-dark"])
def test_there_are(name):
    assert is_theme(name)
    check_theme(name)


@pytest.mark.parametrize(
    ("name", "hint"), [("monokia", "Did you mean monokai?"), ("drak", "Did you mean dark?"), ("x", "")]
)
def test_there_is_not(name, hint):
    assert not is_theme(name)
    with pytest.raises(UsageError) as caught:
        check_theme(name)
    assert caught.value.message == f"theme must be auto, light, dark, ansi or a Pygments style, not {name}."
    assert caught.value.hint == hint
