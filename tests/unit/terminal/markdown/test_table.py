"""Tables: how rich draws them, widths, what does not fit, the preview."""

from __future__ import annotations

import pytest

from mira_cli.terminal.cells import width
from mira_cli.terminal.markdown.engine import Engine

TABLE = "| name | value | note |\n|:-----|------:|:----:|\n| a | 1 | first *one* |\n| bb | 22 | second |\n"


def texts(rows):
    return [row.plain.rstrip() for row in rows]


@pytest.mark.parametrize("width", [40, 80, 200])
def test_a_table_that_fits(whole, width):
    assert texts(whole(TABLE, width)) == [
        "name  value    note",
        "──────────────────────",
        "a         1  first one",
        "bb       22   second",
    ]


def test_cells_that_do_not_fit_are_wrapped(whole):
    text = "| a | b |\n|---|---|\n| short | some words that are many |\n"
    assert texts(whole(text, 20)) == [
        "a      b",
        "────────────────────",
        "short  some words",
        "       that are many",
    ]


def test_headers_stand_at_the_bottom(whole):
    text = "| a | a long header |\n|---|---|\n| x | y |\n"
    assert texts(whole(text, 13))[:2] == ["   a long", "a  header"]


def test_where_columns_have_no_room_cells_are_listed(whole):
    text = "|" + " a |" * 12 + "\n|" + "---|" * 12 + "\n|" + " bcde |" * 12 + "\n"
    rows = whole(text, 30)
    assert all(width(row.plain) <= 30 for row in rows)
    assert " ".join(texts(rows)).count("bcde") == 12


def test_a_break_in_a_cell(whole):
    assert texts(whole("| a |\n|---|\n| b<br>c |\n"))[2:] == ["b", "c"]


def test_a_row_with_too_few_cells(whole):
    assert texts(whole("| a | b |\n|---|---|\n| c |\n"))[2:] == ["c"]


@pytest.mark.parametrize(
    ("row", "shown"),
    [
        ("| d | e | f |", "d  e | f"),
        ("d | e | f | g", "d  e | f | g"),
        ("| d | e | | g |", "d  e |  | g"),
        ("| d | e \\| f | **g** |", "d  e | f | g"),
    ],
)
def test_surplus_cells_go_into_the_last(whole, row, shown):
    assert texts(whole(f"| a | b |\n|---|---|\n{row}\n"))[2:] == [shown]


@pytest.mark.parametrize(
    ("row", "shown"),
    [
        ("| count | `ls | wc -l` |", "count  ls | wc -l"),
        ("| count | ``a | `b`` |", "count  a | `b"),
        ("| count | `a \\| b` |", "count  a | b"),
        ("| `x | y` | b |", "x | y  b"),
        ("| `a | b |", "`a  b"),
        ("| \\`a | b` |", "`a  b`"),
    ],
)
def test_a_pipe_in_code_does_not_end_a_cell(whole, stream, row, shown):
    text = f"| a | b |\n|---|---|\n{row}\n"
    assert [" ".join(line.split()) for line in texts(whole(text))[2:]] == [" ".join(shown.split())]
    assert stream(text, 80, (3,)) == whole(text)


def test_a_pipe_in_code_of_a_header_and_elsewhere(whole):
    assert texts(whole("| `a | b` | c |\n|---|---|\n"))[0] == "a | b  c"
    assert texts(whole("run `ls | wc` and ``a | b``")) == ["run ls | wc and a | b"]
    assert texts(whole("```\n`ls | wc`\n```")) == ["`ls | wc`"]


@pytest.mark.parametrize(
    "cell", ["👩\u200d👩\u200d👧", "🇺🇦", "สวัสดี", "नमस्ते", "e\u0301", "❤\ufe0f", "\U00100000"]
)
def test_columns_have_the_widths_that_rows_have(whole, cell):
    rows = whole(f"| a | b |\n|---|---|\n| **{cell}** x | y |\n| z | y |\n")
    assert rows[2].plain.startswith(f"{cell} x  y")
    assert width(rows[2].plain) == width(rows[0].plain) - 1 + 1
    assert rows[2].spans[0].end == len(cell)


def test_while_it_grows_its_last_rows_are_shown_under_a_note(look):
    engine = Engine(look)
    engine.feed(TABLE + "".join(f"| r{number} | {number} | x |\n" for number in range(20)) + "| part")
    certain, still_open = engine.step(80, 12)
    assert certain == []
    shown = texts(still_open)
    assert shown[0] == "table… 15 rows above"
    assert shown[1].split() == ["name", "value", "note"]
    assert shown[-1] == "part"
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
    assert texts(engine.close(80, cut=True))[-1].split() == cut.split()


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
    assert len(engine.step(80, 12)[0]) == 4
