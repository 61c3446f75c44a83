"""What is laid out of a line that is much longer than the screen."""

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.document import Document
from prompt_toolkit.layout.controls import BufferControl
from prompt_toolkit.layout.processors import TransformationInput
from prompt_toolkit.output import DummyOutput

from mira_cli.terminal.prompt.screen import LongLines, Tabs

SCREEN = 40 * 80  # DummyOutput's


def laid_out(document, line=0):
    """What LongLines makes of a line, and the transformation."""
    given = TransformationInput(
        BufferControl(Buffer()), document, line, lambda column: column, [("", document.lines[line])], 80, 40
    )
    with create_app_session(output=DummyOutput()):
        done = LongLines().apply_transformation(given)
    return "".join(fragment[1] for fragment in done.fragments), done


@pytest.mark.parametrize("cursor", [0, 1, 5_000, 50_000, 96_799, 96_800, 99_999, 100_000])
def test_a_long_line_is_laid_out_around_the_cursor(cursor):
    text = "".join(chr(0x4E00 + number % 20_000) for number in range(100_000))
    shown, done = laid_out(Document(text, cursor))
    assert len(shown) <= 2.25 * SCREEN
    at = done.source_to_display(cursor)
    assert shown[:at] == text[:cursor][-at:] if at else cursor == 0
    assert at >= min(cursor, SCREEN)
    assert shown[at:] == text[cursor : cursor + len(shown) - at]
    assert len(shown) - at >= min(len(text) - cursor, SCREEN)
    assert done.display_to_source(at) == cursor
    assert done.source_to_display(0) == 0
    assert done.source_to_display(len(text)) == len(shown)


def test_of_long_lines_beside_the_cursor_the_near_end_is_laid_out():
    text = "a" * 50_000 + "b\nhere\nb" + "a" * 50_000
    document = Document(text, text.index("here"))
    assert laid_out(document, 0)[0].endswith("ab")
    assert laid_out(document, 2)[0].startswith("ba")


def test_an_ordinary_line_is_left_alone():
    document = Document("word " * 1000, 10)
    assert laid_out(document)[0] == document.text


def test_tabs_are_spaces():
    given = TransformationInput(
        BufferControl(Buffer()), Document("a\tb"), 0, lambda column: column, [("", "a\tb")], 80, 40
    )
    done = Tabs(char1=" ", char2=" ").apply_transformation(given)
    assert "".join(fragment[1] for fragment in done.fragments) == "a   b"
