"""Rows in columns that line up, whatever the text is."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wcwidth import wcswidth

from mira_cli.terminal.table import aligned, settings_table


def test_columns_line_up():
    assert aligned([("a", "long", "x"), ("bcd", "", "y")], 80) == "a    long  x\nbcd        y\n"


def test_a_table_without_rows_is_empty():
    assert aligned([], 80) == ""


def test_wide_characters_count_double():
    assert aligned([("漢字", "x"), ("abc", "y")], 80) == "漢字  x\nabc   y\n"


def test_a_cell_that_does_not_fit_goes_on_below_or_is_cut():
    rows = [("name", "some words to read", "src")]
    assert aligned(rows, 20) == "name  some       src\n      words to\n      read\n"
    assert aligned(rows, 20, wraps=False) == "name  some wor…  src\n"


def test_help_has_a_hanging_indent():
    assert (
        aligned([("/set", "Change a setting."), ("/undo", "")], 20)
        == "/set   Change a\n       setting.\n/undo\n"
    )


@pytest.mark.parametrize(
    ("columns", "config_file"),
    [
        (40, "\n  /home/somebody/.config/mira/config.toml:\n  none"),
        (50, "\n  /home/somebody/.config/mira/config.toml: none"),
        (60, "  /home/somebody/.config/mira/config.toml:\n                 none"),
    ],
)
def test_a_last_cell_goes_below_its_row_rather_than_be_torn(columns, config_file):
    rows = [("ok", "config file", "/home/somebody/.config/mira/config.toml: none"), ("ok", "key", "stored")]
    assert aligned(rows, columns) == f"ok  config file{config_file}\nok  key          stored\n"


def test_a_long_word_in_any_column_stays_whole():
    rows = [("base_url", "https://api.vmira.ai/v1", "env MIRA_BASE_URL"), ("model", "mira", "default")]
    assert aligned(rows, 40) == (
        "base_url  https://api.vmira.ai/v1\n  env MIRA_BASE_URL\nmodel     mira\n  default\n"
    )
    assert aligned(rows, 20) == (
        "base_url\n  https://api.vmira.ai/v1\n  env MIRA_BASE_URL\nmodel     mira\n          default\n"
    )


def test_no_line_is_wider_than_a_terminal_that_has_no_room_for_columns():
    assert aligned([["aaaaa", "bbbbb", "ccccc"]], 10) == "aaaaa\n  bbbbb\n  ccccc\n"


SETTINGS = [
    ("key", "sk-mira-1a2b3c4d…", "the key file"),
    ("connect_timeout", "5", "env MIRA_CONNECT_TIMEOUT"),
    ("temperature", "", "default"),
    ("system", "", "config.toml"),
    ("base_url", "https://api.vmira.ai/v1", "default"),
]


def test_settings_in_three_columns():
    assert settings_table(SETTINGS, 70) == (
        "key              sk-mira-1a2b3c4d…        the key file\n"
        "connect_timeout  5                        env MIRA_CONNECT_TIMEOUT\n"
        "temperature      not set\n"
        "system           not set                  config.toml\n"
        "base_url         https://api.vmira.ai/v1  default\n"
    )


@pytest.mark.parametrize("columns", [44, 60])
def test_settings_in_two_columns_where_three_are_too_wide(columns):
    folded = "https://api.vmira.ai/v1 (default)"
    if columns == 44:
        folded = folded.replace(" ", f"\n{' ' * 17}")
    assert settings_table(SETTINGS, columns).endswith(
        f"temperature      not set\nsystem           not set (config.toml)\nbase_url         {folded}\n"
    )


def test_a_long_setting_leaves_the_others_aligned():
    long = "https://gateway.company.example/mira/production/v1"
    shown = settings_table([("base_url", long, "config.toml"), ("max_time", "5", "default")], 44)
    assert shown == f"base_url\n  {long}\n  (config.toml)\nmax_time  5 (default)\n"
    prose = [
        ("system", "Answer in one short sentence, for a child of six.", "/set"),
        ("vi", "true", "default"),
    ]
    assert settings_table(prose, 60) == (
        "system  Answer in one short sentence, for a child    /set\n"
        "        of six.\n"
        "vi      true                                         default\n"
    )


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(st.text("abc", max_size=9), st.text("xy 日\x1b", max_size=60)), min_size=1, max_size=4
    ),
    st.integers(12, 60),
    st.booleans(),
)
def test_nothing_is_wider_than_the_terminal_and_no_control_is_left(rows, width, wraps):
    lines = aligned(rows, width, wraps=wraps).split("\n")
    assert "Cc" not in {unicodedata.category(character) for line in lines for character in line}
    longest = max(
        wcswidth(word) for row in rows for cell in row for word in cell.replace("\x1b", "^[").split(" ")
    )
    assert all(wcswidth(line) <= width for line in lines) or longest > min(width - 2, 30)
