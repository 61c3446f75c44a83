"""Entry points: when a drawing draws, how it ends, what it writes; rows into a pipe; all at once."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mira_cli.terminal.markdown.drawing import FRAME, Drawing
from mira_cli.terminal.markdown.look import Look
from mira_cli.terminal.sanitize import clean
from mira_cli.terminal.stdio import Output
from rig.drawing import render

OURS = re.compile(
    r"\x1b\[(?:\?(?:25|7|2026)[hl]|\d*[AGKJ]|[0-9;]*m)"  # modes, movement, erasing, looks
)
CONTROL = re.compile(r"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f]")

foreign = st.text(
    st.one_of(
        st.sampled_from("\x1b\x9b\x00\x07\r\n\t[]()*_`#>-|\\&<;:mHJ\u202e\u200b\U000e0041"),
        st.characters(max_codepoint=0x2FF),
    ),
    max_size=60,
)
encoded = st.sampled_from(
    [
        "&#27;[31m",
        "&#x1b;]8;;u\x07",
        "&#13;",
        "&#8;",
        "&#x9b;",
        "&#x202e;",
        "&Tab;",
        "&NewLine;",
        "[a](\x1b[1m)",
        "<http://a&#27;b>",
    ]
)


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def terminal(new_terminal):
    return new_terminal(40, 10)


@pytest.fixture
def drawing(terminal, clock):
    return Drawing(terminal.write, terminal.size, Look(color=True), clock=clock)


def test_the_first_word_is_drawn_at_once(drawing, terminal):
    drawing.feed("Hello")
    assert terminal.rows() == ["Hello"]


def test_later_words_wait_for_their_frame(drawing, terminal, clock):
    drawing.feed("Hello")
    drawing.feed(" world")
    assert terminal.rows() == ["Hello"]
    assert drawing.due() == pytest.approx(FRAME)
    drawing.tick()
    assert terminal.rows() == ["Hello"]
    clock.now += FRAME
    assert drawing.due() == 0
    drawing.tick()
    assert terminal.rows() == ["Hello world"]
    assert drawing.due() is None


def test_the_last_words_do_not_wait(drawing, terminal):
    drawing.feed("Hello")
    drawing.feed(" world")
    drawing.close()
    assert terminal.rows() == ["Hello world"]


def test_frames_are_bounded_in_time(drawing, terminal, clock):
    for _ in range(1000):
        drawing.feed("word ")
        clock.now += 0.001
    assert len(terminal.writes) <= 1 / FRAME + 2


@pytest.mark.parametrize("cut", [False, True])
@pytest.mark.parametrize(
    "text",
    [
        "text",
        "text\n",
        "some **bold",
        "```py\nx = 1",
        "| a | b |\n|---|---|\n| c |",
        "- item\n  - [li](ht",
        "> q",
        "# h",
    ],
)
def test_every_end_leaves_a_fresh_row_and_a_plain_terminal(drawing, terminal, text, cut):
    drawing.feed(text)
    drawing.close(cut=cut)
    screen = terminal.screen
    assert screen.cursor.x == 0
    assert not screen.cursor.hidden
    assert screen.cursor.attrs == screen.default_char
    assert terminal.output.count("\x1b[?2026h") == terminal.output.count("\x1b[?2026l")
    words = re.findall(r"\w+", text.replace("ht", "").replace("py", ""))
    shown = "\n".join(terminal.rows())
    assert [word for word in words if word not in shown] == []


def test_a_cut_reply_has_its_emphasis_closed(drawing, terminal):
    drawing.feed("some **bo")
    drawing.close(cut=True)
    assert terminal.rows() == ["some bo"]
    assert terminal.cells()[0][-1].bold


def test_a_cut_table_is_drawn(drawing, terminal):
    drawing.feed("| a | b |\n|---|---|\n| c |")
    drawing.close(cut=True)
    assert terminal.rows() == ["a  b", "────", "c"]


def test_ending_twice_or_without_text_writes_nothing(drawing, terminal):
    drawing.close()
    drawing.close(cut=True)
    assert terminal.writes == []


def test_after_a_stop_the_open_rows_are_drawn_below_what_the_shell_wrote(drawing, terminal):
    drawing.feed("certain\n\nopen wo")
    terminal.write("^Z\r\n$ fg\r\n")
    drawing.redraw()
    assert terminal.rows() == ["certain", "", "open wo^Z", "$ fg", "", "", "open wo"]
    assert terminal.screen.cursor.hidden
    drawing.feed("rds")
    drawing.close()
    assert terminal.rows()[-1] == "open words"


def test_nothing_is_loaded_before_it_is_needed():
    program = """
import sys
from mira_cli.terminal.markdown.engine import Engine
from mira_cli.terminal.markdown.look import Look
for text, color, unwanted in (
    ("# plain *text*, русский", True, {"pygments", "wcwidth", "rich.markdown", "rich.syntax"}),
    ("```py\\nx\\n```", False, {"pygments"}),
    ("```py\\nx\\n```", True, {"rich.markdown"}),
):
    engine = Engine(Look(color=color))
    engine.feed(text)
    engine.close(80)
    assert not unwanted & set(sys.modules), unwanted & set(sys.modules)
assert "pygments" in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_dead_terminal_is_told_once_more_at_the_end(terminal, clock):
    def write(text):
        raise OSError

    drawing = Drawing(write, terminal.size, Look(color=True), clock=clock)
    with pytest.raises(OSError):
        drawing.feed("a")
    with pytest.raises(OSError):
        drawing.close(cut=True)


@pytest.mark.parametrize("small", [(3, 10), (10, 40), (1, 40), (4, 12), (1, 1)])
def test_a_terminal_that_becomes_tiny_loses_nothing(new_terminal, clock, small):
    terminal = new_terminal(40, 10)
    drawing = Drawing(terminal.write, terminal.size, Look(color=True), clock=clock)
    drawing.feed("# Title\n\nsome *words*")
    terminal.screen.resize(*small)
    for word in (" more", " and\n\n", "- *x*\n- ", "> y"):
        clock.now += FRAME
        drawing.feed(word)
    drawing.close()
    assert "Title" in terminal.output
    assert [char for char in "xy" if char not in terminal.output] == []
    assert not terminal.screen.cursor.hidden


def test_open_rows_are_drawn_anew_at_another_width(new_terminal, clock):
    terminal = new_terminal(60, 20)
    drawing = Drawing(terminal.write, terminal.size, Look(color=True), clock=clock)
    drawing.feed("certain\n\nshort words that are open now")
    terminal.screen.resize(20, 30)
    clock.now += FRAME
    drawing.feed(" and go on")
    drawing.close()
    assert terminal.rows() == ["certain", "", "short words that are open now", "and go on"]


def test_a_wider_terminal_gets_wider_rows(new_terminal, clock):
    terminal = new_terminal(20, 20)
    drawing = Drawing(terminal.write, terminal.size, Look(color=True), clock=clock)
    drawing.feed("words that are open, in two rows")
    terminal.screen.resize(20, 60)
    clock.now += FRAME
    drawing.feed(" and go on")
    drawing.close()
    assert terminal.rows() == ["words that are open, in two rows and go on"]


@settings(max_examples=400, deadline=None)
@given(parts=st.lists(st.one_of(foreign, encoded), max_size=8), color=st.booleans())
def test_no_control_but_ours_is_written(parts, color):
    for prepare in (clean, str):  # the sanitiser stands before; without it controls must not pass either
        writes = []
        drawing = Drawing(writes.append, lambda: (30, 8), Look(color=color), clock=Clock())
        for part in parts:
            drawing.feed(prepare(part))
        drawing.close()
        left = OURS.sub("", "".join(writes)).replace("\r\n", "\n")
        assert CONTROL.findall(left) == []


@settings(max_examples=200, deadline=None)
@given(parts=st.lists(st.one_of(foreign.map(clean), encoded.map(clean)), max_size=8))
def test_nothing_unseen_comes_out_of_encoded_characters(parts):
    text = render("".join(parts), 40)
    assert re.findall("[\u202a-\u202e\u2066-\u2069\u200b\u2060\ufeff\U000e0000-\U000e007f]", text) == []


def test_addresses_are_visible_and_no_hyperlinks_are_made():
    text = render("[text](http://a.example/x) ![alt](http://b.example/y) <http://c.example>", 200)
    plain = OURS.sub("", text)
    assert "text (http://a.example/x)" in plain
    assert "alt (http://b.example/y)" in plain
    assert plain.count("http://c.example") == 1
    assert "\x1b]8" not in text


def test_markup_of_rich_is_text():
    assert render("[bold]x[/bold] [/nope] :smile:", 80, color=False) == "[bold]x[/bold] [/nope] :smile:\n"


def test_without_colour_there_are_no_colours():
    text = render(
        "# h\n\n`c` **b** [l](u)\n\n> q\n\n1. n\n\n```py\nx = 1\n```\n\n|a|b|\n|-|-|\n|c|d|\n",
        80,
        color=False,
    )
    numbers = {int(number) for look in re.findall(r"\x1b\[([0-9;]*)m", text) for number in look.split(";")}
    assert numbers <= {0, 1, 2, 3, 4, 9}
    assert 1 in numbers


def test_layout_does_not_depend_on_colour_but_for_the_fences(documents):
    for document in documents[:5]:
        plain = [OURS.sub("", render(document, 60, color=color)) for color in (True, False)]
        rows = [
            [row for row in text.splitlines() if row and "```" not in row and "~~~" not in row]
            for text in plain
        ]
        assert rows[0] == rows[1]


def test_render_knows_definitions_that_come_late():
    assert OURS.sub("", render("[a]\n\n[a]: http://x.example", 80)) == "a (http://x.example)\n"


def test_bytes_written_at_a_hundred_tokens_a_second(documents, clock):
    """What CI can hold: bytes do not depend on the machine. 5 characters a token, a frame each 3.3 tokens."""
    text = "\n\n".join(documents[:4])
    for color, bound in ((True, 4), (False, 3)):
        written = [0]

        def write(characters, written=written):
            written[0] += len(characters.encode())

        drawing = Drawing(write, lambda: (100, 30), Look(color=color), clock=clock)
        for start in range(0, len(text), 5):
            drawing.feed(text[start : start + 5])
            clock.now += 0.01
        drawing.close()
        assert written[0] <= bound * len(text.encode())


def test_a_new_size_is_a_frame_also_when_no_text_comes(new_terminal, clock):
    terminal = new_terminal(60, 20)
    drawing = Drawing(terminal.write, terminal.size, Look(color=True), clock=clock)
    drawing.feed("certain\n\nshort words that are open now")
    assert drawing.due() is None
    terminal.screen.resize(20, 20)
    clock.now += FRAME
    assert drawing.due() == 0
    drawing.tick()
    assert terminal.rows()[-2:] == ["short words that are", "open now"]
    assert drawing.due() is None


@pytest.mark.parametrize(
    "row",
    [
        "| cell **x** | y |\n",
        "| item 25 costs | 357 EUR | some words |\n",
        "สวัสดีชาวโลก นี่คือข้อความ ",
        "नमस्ते दुनिया यह एक लंबा पाठ ",
        "hi 👍 ok 👩\u200d👧 and 🇺🇦 ",
    ],
)
def test_bytes_of_what_is_redrawn_most(clock, row):
    text = ("| a | b | c |\n|---|---|---|\n" if row.startswith("|") else "") + row * 100
    written = [0]

    def write(characters):
        written[0] += len(characters.encode())

    drawing = Drawing(write, lambda: (80, 24), Look(color=True), clock=clock)
    for start in range(0, len(text), 4):
        drawing.feed(text[start : start + 4])
        clock.now += 0.01
    drawing.close()
    assert written[0] <= 4 * len(text.encode())


@pytest.mark.parametrize("encoding", ["ascii", "iso8859-1", "koi8-r", "shift_jis"])
def test_a_terminal_of_another_encoding_is_drawn_as_it_shows_it(new_terminal, clock, documents, encoding):
    encoded = Output(None, encoding=encoding).shown
    terminal, whole = new_terminal(40, 12), new_terminal(40, 12)
    drawing = Drawing(
        lambda text: terminal.write(encoded(text)),
        terminal.size,
        Look(color=True, shown=encoded),
        clock=clock,
    )
    for start in range(0, len(documents[4]), 7):
        drawing.feed(documents[4][start : start + 7])
        clock.now += 0.02
    drawing.close()
    whole.write(encoded(render(documents[4], 40, shown=encoded)).replace("\n", "\r\n"))
    assert terminal.cells() == whole.cells()


def test_ornaments_without_utf_8():
    text = "- a\n\n> b\n\n| c | d |\n|---|---|\n| &hellip; | e |\n\n![d](u)\n\n---\n"
    drawn = render(text, 40, color=False, shown=Output(None, encoding="ascii").shown)
    assert (
        OURS.sub("", drawn) == " * a\n\n| b\n\nc    d\n------\n...  e\n\n[image] d (u)\n\n" + "-" * 40 + "\n"
    )


def test_a_signal_while_the_end_is_drawn_leaves_the_cursor_shown():
    written, sizes = [], [(80, 24)]

    def size():
        if not sizes:
            raise KeyboardInterrupt
        return sizes[0]

    drawing = Drawing(written.append, size, Look(color=True), clock=Clock())
    drawing.feed("some *text*")
    sizes.clear()
    with pytest.raises(KeyboardInterrupt):
        drawing.close()
    text = "".join(written)
    assert text.rindex("\x1b[?25h") > text.rindex("\x1b[?25l")
