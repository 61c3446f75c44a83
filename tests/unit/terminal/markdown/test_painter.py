"""Invariants E and P through a terminal: what is drawn is the one-shot render, and nothing certain is touched."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.style import Style
from rich.text import Text

from mira_cli.terminal.cells import is_steady, width
from mira_cli.terminal.markdown.painter import Painter
from rig.drawing import render

SIZES = ((80, 24), (40, 12), (20, 4), (200, 60), (33, 7))
STYLE = re.compile(r"\x1b\[[0-9;]*m")
UP = re.compile(r"\x1b\[(\d+)A")


def one_shot(text, terminal):
    for row in render(text, terminal.screen.columns).splitlines():
        # pyte wraps a combining mark that follows the last column, so wrapping is off as it is in a frame.
        plain = STYLE.sub("", row)
        wraps = is_steady(plain) or width(plain) > terminal.screen.columns
        terminal.write(f"{row}\r\n" if wraps else f"\x1b[?7l{row}\x1b[?7h\r\n")
    return terminal


def test_examples_joined_into_documents_look_like_one_shot(timeless, new_terminal, play):
    chance = random.Random(1)
    shuffled = chance.sample(timeless, len(timeless))
    for start in range(0, len(shuffled), 25):
        text = "\n\n".join(shuffled[start : start + 25])
        size = SIZES[start // 25 % len(SIZES)]
        drawn, wanted = play(text, new_terminal(*size), start), one_shot(text, new_terminal(*size))
        assert drawn.cells() == wanted.cells(), (start, size)


def test_long_documents_look_like_one_shot(documents, new_terminal, play):
    for seed, document in enumerate(documents):
        size = SIZES[seed % len(SIZES)]
        drawn = play(document, new_terminal(*size), seed, most=25)
        assert drawn.cells() == one_shot(document, new_terminal(*size)).cells(), (seed, size)
        assert drawn.screen.cursor.x == 0
        assert not drawn.screen.cursor.hidden


rows_of_text = st.lists(
    st.lists(
        st.tuples(
            st.sampled_from(["a", "bc ", "д", "日", "x" * 9, "é"]),
            st.sampled_from([Style(), Style(bold=True), Style(color="red")]),
        ),
        max_size=3,
    ).map(lambda runs: Text.assemble(*runs)),
    max_size=5,
)


@settings(max_examples=300, deadline=None)
@given(frames=st.lists(st.tuples(rows_of_text, rows_of_text), max_size=6))
def test_any_frames_leave_the_rows_that_were_given(new_terminal, frames):
    terminal = new_terminal(40, 8)
    painter = Painter(terminal.write)
    certain = []
    for rows, still_open in frames:
        painter.frame(rows, still_open, 40)
        certain += rows
        wanted = [row.plain.rstrip() for row in (*certain, *still_open)]
        while wanted and not wanted[-1]:
            wanted.pop()
        assert terminal.rows() == wanted
    painter.end()
    assert terminal.screen.cursor.x == 0
    assert not terminal.screen.cursor.hidden


@settings(max_examples=200, deadline=None)
@given(frames=st.lists(st.tuples(rows_of_text, rows_of_text), max_size=6))
def test_nothing_above_the_first_open_row_is_addressed(frames):
    writes = []
    painter = Painter(writes.append)
    open_before = 0
    for rows, still_open in frames:
        writes.clear()
        painter.frame(rows, still_open, 40)
        assert len(writes) <= 1
        row, highest = max(0, open_before - 1), 0
        for up, down, next_row in re.findall(r"\x1b\[(\d+)A|\x1b\[(\d+)B|(\r\n)", "".join(writes)):
            row += 1 if next_row else int(down or 0) - int(up or 0)
            highest = min(highest, row)
        assert highest == 0
        open_before = len(still_open)


def test_certain_rows_are_in_place_at_every_moment(documents, new_terminal, play):
    seen = []

    def check(terminal):
        rows = terminal.rows()
        stable = len(terminal.screen.history.top)
        assert rows[: len(seen)] == seen
        seen[:] = rows[:stable]

    terminal = play(documents[3], new_terminal(60, 14), 5, check=check)
    assert len(seen) > 100
    assert terminal.rows()[: len(seen)] == seen


def paint(*frames):
    writes = []
    painter = Painter(writes.append)
    for certain, still_open in frames:
        painter.frame(certain, still_open, 40)
    return writes


def row(text, style=""):
    return Text.assemble((text, style))


def test_a_word_more_costs_its_own_bytes():
    assert paint(([], [row("some")]), ([], [row("some words")]))[1:] == [" words"]


def test_a_row_that_becomes_certain_is_not_written_again():
    assert paint(([], [row("a")]), ([row("a")], [row("b")]))[1:] == ["\r\nb"]


def test_the_same_rows_write_nothing():
    assert len(paint(([], [row("a")]), ([], [row("a")]))) == 1


def test_only_what_differs_is_written_in_one_synchronized_frame():
    before = [row("first row"), row("second row")]
    after = [row("first way"), row("second row")]
    assert paint(([], before), ([], after))[1:] == ["\x1b[?2026h\r\x1b[1A\x1b[7Gway\r\n\x1b[11G\x1b[?2026l"]


def test_what_is_written_over_at_the_end_of_the_last_row_needs_no_synchronized_frame():
    before = [row("first"), row("x = fal")]
    after = [row("first"), Text.assemble("x = ", ("false", Style(color="cyan"))), row("y")]
    assert paint(([], before), ([], after))[1:] == ["\x1b[5G\x1b[36mfalse\x1b[0m\r\ny"]


def test_looks_are_reset_where_a_row_ends():
    assert paint(([row("a", Style(bold=True))], [])) == ["\x1b[?25l\x1b[1ma\x1b[0m\r\n"]


@pytest.mark.parametrize("text", ["😀", "नमस्ते", "ไทย", "e\u0301", "👍🏽", "❤\ufe0f"])
def test_rows_of_disputed_width_are_written_whole_without_wrapping(text):
    written = paint(([], [row(f"{text} old")]), ([], [row(f"{text} new")]))[1]
    assert written == f"\x1b[?2026h\r\x1b[K\x1b[?7l{text} new\x1b[?7h\x1b[?2026l"


def test_a_joined_character_is_not_appended_alone():
    written = paint(([], [row("👩")]), ([], [row("👩\u200d🚀")]))[1]
    assert "\r\x1b[K\x1b[?7l👩\u200d🚀" in written


def test_a_text_of_disputed_width_that_grows_is_only_appended_to():
    written = paint(([], [row("สวัสดี")]), ([], [row("สวัสดีชาว")]))[1]
    assert written == "\x1b[?7lชาว\x1b[?7h"


def test_a_long_row_is_left_to_the_terminal_and_what_was_open_there_is_gone(new_terminal):
    terminal = new_terminal(20, 8)
    painter = Painter(terminal.write)
    painter.frame([row("kept")], [row("x" * 20), row("x" * 10), row("more")], 20)
    painter.frame([row("x" * 50)], [row("open"), row("rows")], 20)
    assert terminal.rows() == ["kept", "x" * 20, "x" * 20, "x" * 10, "open", "rows"]
    painter.frame([], [row("open"), row("words")], 20)
    painter.frame([row("open"), row("日本" * 8)], [], 20)
    painter.end()
    assert terminal.rows()[-3:] == ["open", "日本" * 5, "日本" * 3]
    assert terminal.output.count("x" * 50) == 1


def test_fewer_rows_erase_the_rest(new_terminal):
    terminal = new_terminal(20, 6)
    painter = Painter(terminal.write)
    painter.frame([row("kept")], [row("a"), row("b"), row("c")], 20)
    painter.frame([], [row("a")], 20)
    assert terminal.rows() == ["kept", "a"]
    painter.frame([], [], 20)
    assert terminal.rows() == ["kept"]
    painter.end()


def test_resizing_erases_the_open_rows_as_a_terminal_has_wrapped_them():
    writes = []
    painter = Painter(writes.append)
    painter.frame([row("certain")], [row("x" * 30), row("y" * 5)], 40)
    painter.resize(10, 24)
    assert writes[-1] == "\x1b[?2026h\r\x1b[K" + "\x1b[1A\x1b[K" * 3 + "\x1b[?2026l"


def test_resizing_counts_the_row_of_the_cursor_once_where_the_terminal_crops_it():
    writes = []
    painter = Painter(writes.append, crops=True)
    painter.frame([row("certain")], [row("x" * 30), row("y" * 50)], 60)
    painter.resize(10, 24)
    assert len(UP.findall(writes[-1])) == 3


def test_resizing_never_goes_above_the_screen():
    writes = []
    painter = Painter(writes.append)
    painter.frame([], [row("x" * 100), row("y")], 120)
    painter.resize(10, 5)
    assert UP.findall(writes[-1]) == ["1"] * 4


def test_without_open_rows_there_is_nothing_to_erase():
    writes = []
    painter = Painter(writes.append)
    painter.frame([row("a")], [], 20)
    writes.clear()
    painter.resize(10, 5)
    assert writes == []
