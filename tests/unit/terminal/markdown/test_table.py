"""Tables: rich's look, widths, what does not fit, the preview."""

from __future__ import annotations

import io

import pytest
from rich.console import Console
from rich.markdown import Markdown

from mira_cli.terminal.markdown.engine import Engine
from mira_cli.terminal.markdown.rows import row_text, row_width

TABLE = "| name | value | note |\n|:-----|------:|:----:|\n| a | 1 | first *one* |\n| bb | 22 | second |\n"


def texts(rows):
    return [row_text(row).rstrip() for row in rows]


def by_rich(text, width):
    console = Console(file=io.StringIO(), width=width, color_system=None)
    console.print(Markdown(text, hyperlinks=False))
    rows = [line.rstrip() for line in console.file.getvalue().splitlines()]
    return rows[1:]  # rich leaves one more row free at the top


@pytest.mark.parametrize("width", [40, 80, 200])
def test_a_table_that_fits_looks_as_rich_draws_it(whole, width):
    assert texts(whole(TABLE, width)) == by_rich(TABLE, width)


def test_cells_that_do_not_fit_are_wrapped(whole):
    text = "| a | b |\n|---|---|\n| short | some words that are many |\n"
    assert texts(whole(text, 20)) == [
        "",
        " a      b",
        " ──────────────────",
        " short  some words",
        "        that are",
        "        many",
        "",
    ]


def test_headers_stand_at_the_bottom(whole):
    text = "| a | a long header |\n|---|---|\n| x | y |\n"
    assert texts(whole(text, 13))[1:3] == ["    a long", " a  header"]


def test_where_columns_have_no_room_cells_are_listed(whole):
    text = "|" + " a |" * 12 + "\n|" + "---|" * 12 + "\n|" + " bcde |" * 12 + "\n"
    rows = whole(text, 30)
    assert all(row_width(row) <= 30 for row in rows)
    assert " ".join(texts(rows)).count("bcde") == 12


def test_a_break_in_a_cell(whole):
    assert texts(whole("| a |\n|---|\n| b<br>c |\n"))[3:] == [" b", " c", ""]


def test_rows_with_too_few_or_too_many_cells(whole):
    assert texts(whole("| a | b |\n|---|---|\n| c |\n| d | e | f |\n"))[3:] == [" c", " d  e", ""]


def test_only_a_header(whole):
    assert texts(whole("| a | b |\n|---|---|\n")) == ["", " a  b", " ────", ""]


def test_while_it_grows_its_last_rows_are_shown_under_a_note(look):
    engine = Engine(look)
    engine.feed(TABLE + "".join(f"| r{number} | {number} | x |\n" for number in range(20)) + "| part")
    certain, still_open = engine.step(80, 12)
    assert certain == []
    shown = texts(still_open)
    assert shown[0] == " table… 15 rows above"
    assert shown[1].split() == ["name", "value", "note"]
    assert shown[-1] == " part"
    assert len(shown) <= 11


@pytest.mark.parametrize(
    ("row", "shown", "cut"),
    [
        ("| **bo", "bo", "bo"),
        ("| x | `co", "x co", "x co"),
        ("| [li](http://x", "li", "li (http://x)"),
        ("| **bo |", "**bo", "**bo"),
        ("| 5 * |", "5 *", "5 *"),
    ],
)
def test_markup_that_is_open_in_the_last_cell_is_closed(look, row, shown, cut):
    engine = Engine(look)
    engine.feed(f"{TABLE}{row}")
    assert texts(engine.step(80, 12)[1])[-1].split() == shown.split()
    assert texts(engine.close(80, cut=True))[-2].split() == cut.split()


def test_another_row_moves_none_that_are_shown(look):
    engine = Engine(look)
    engine.feed(TABLE)
    shown = texts(engine.step(80, 12)[1])
    engine.feed("| b | 2 | x |\n")
    assert texts(engine.step(80, 12)[1])[: len(shown)] == shown


def test_when_it_is_complete_it_is_drawn_whole(look):
    engine = Engine(look)
    engine.feed(TABLE)
    assert engine.step(80, 12)[0] == []
    engine.feed("\n")
    assert len(engine.step(80, 12)[0]) == 6
