"""A value as people see it: one line, and what `config set` takes back."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mira_cli.settings.display import display, visible
from mira_cli.settings.table import BY_NAME


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ""),
        ((), ""),
        ("", ""),
        (True, "true"),
        (False, "false"),
        (120.0, "120"),
        (0.7, "0.7"),
        (3, "3"),
        (("END",), "END"),
        (("[END",), '["[END"]'),
        (("a", "й"), '["a", "й"]'),
        (("\x9b", "\u202e"), '["\\u009b", "\\u202e"]'),
        ("\U000e0041", "\\udb40\\udc41"),
        ("two\nlines\tand \x1b[31m", "two\\nlines\\tand \\u001b[31m"),
    ],
)
def test_one_line(value, shown):
    assert display(value) == shown


@given(st.text())
def test_nothing_that_acts_on_a_terminal(text):
    assert display(text).isprintable()


@given(st.recursive(st.text() | st.integers(), lambda inner: st.lists(inner, max_size=4), max_leaves=6))
def test_json_means_the_same(value):
    shown = visible(json.dumps(value, ensure_ascii=False))
    assert shown.isprintable()
    assert json.loads(shown) == value


@given(st.lists(st.text(st.characters(exclude_categories=("C", "Z")), min_size=1), min_size=1, max_size=4))
def test_what_is_shown_can_be_set(texts):
    stop = BY_NAME["stop"]
    assert stop.parse(display(stop.parse(texts))) == tuple(texts)
