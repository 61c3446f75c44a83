"""How lines make messages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mira_cli.session.chat.repl import joined


@pytest.mark.parametrize(
    ("lines", "messages"),
    [
        ([], []),
        (["a", "b"], ["a", "b"]),
        (["a\\", "b", "c"], ["a\nb", "c"]),
        (["a\\"], ["a"]),
        (["a \\", "\\", "b"], ["a \n\nb"]),
        (["\\a"], ["\\a"]),
    ],
)
def test_a_backslash_joins(lines, messages):
    assert list(joined(lines)) == messages


_LINE = st.text().filter(lambda line: "\n" not in line and not line.endswith("\\"))


@given(st.lists(st.lists(_LINE, min_size=1)))
def test_what_is_taken_apart_comes_together(messages):
    lines = [line for parts in messages for line in (*(f"{part}\\" for part in parts[:-1]), parts[-1])]
    assert list(joined(lines)) == ["\n".join(parts) for parts in messages]
