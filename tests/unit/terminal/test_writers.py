"""How a reply is put out: exact bytes for pipes, safe text for terminals, JSON for programs."""

import json
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mira_cli.conversation.reply import Usage
from mira_cli.errors import IncompleteError, Interrupted, OutputError, RateLimitError, ReaderGone, UsageError
from mira_cli.terminal.result import Result, as_line
from mira_cli.terminal.writers import EventsWriter, JsonWriter, PlainWriter, write_failure
from rig.streams import buffered, open_writer

RESULT = Result("text", "mira", "stop", Usage(3, 4, 7), id="c1", elapsed=1.23456)
KEY = "sk-mira-" + "ab" * 20


class Log(BytesIO):
    """Remembers each write on its own."""

    def __init__(self, lines, name):
        super().__init__()
        self.lines, self.name = lines, name

    def write(self, data):
        self.lines.append((self.name, data.decode()))
        return super().write(data)


class Torn(BytesIO):
    """Takes so many bytes, then its reader leaves."""

    def __init__(self, left):
        super().__init__()
        self.left = left

    def write(self, data):
        if len(data) > self.left:
            raise BrokenPipeError
        self.left -= len(data)
        return super().write(data)


def run(writer, pieces, end=RESULT):
    writer.start("mira")
    for piece in pieces:
        writer.write(piece)
    if isinstance(end, Result):
        writer.done(end)
    else:
        writer.fail(end)


@pytest.fixture
def log():
    return []


@pytest.fixture
def streams(log):
    return buffered(None, Log(log, "out"), Log(log, "err"))


@pytest.fixture
def dumb(log):
    return buffered(
        None,
        Log(log, "out"),
        Log(log, "err"),
        out_tty=True,
        err_tty=True,
        env={"TERM": "dumb"},
        size=lambda: (80, 24),
    )


def out(log):
    return "".join(text for name, text in log if name == "out")


def err(log):
    return "".join(text for name, text in log if name == "err")


@pytest.mark.parametrize(
    ("pieces", "text"),
    [
        (["a", "b"], "ab\n"),
        (["a\n"], "a\n"),
        (["a\n\n\n"], "a\n\n\n"),
        (["a\r\n", "\x1b[31mé\u200b\ufeff\u2028"], "a\r\n\x1b[31mé\u200b\ufeff\u2028\n"),
        (["a\r"], "a\r\n"),
        (["a\n", ""], "a\n"),
        ([], ""),
    ],
)
def test_a_pipe_gets_the_bytes_and_one_newline(streams, log, pieces, text):
    run(open_writer(streams), pieces)
    assert (out(log), err(log)) == (text, "")


def test_each_piece_is_written_when_it_comes(streams, log):
    writer = open_writer(streams, raw=True)
    writer.write("a")
    writer.reasoning("thought")
    writer.write("b")
    assert log == [("out", "a"), ("out", "b")]


def test_forced_colour_says_nothing_of_a_pipe(log):
    streams = buffered(
        None, Log(log, "out"), Log(log, "err"), env={"FORCE_COLOR": "1", "CLICOLOR_FORCE": "1"}
    )
    writer = open_writer(streams)
    assert isinstance(writer, PlainWriter)
    run(writer, ["**a**"])
    assert out(log) == "**a**\n"


@pytest.mark.parametrize("error", [IncompleteError("cut"), Interrupted()])
def test_what_came_stays_when_the_reply_is_cut(streams, log, error):
    run(open_writer(streams), ["half a "], error)
    assert (out(log), err(log)) == ("half a \n", "")


def test_nothing_is_written_when_nothing_came(streams, log):
    run(open_writer(streams), [], RateLimitError("later"))
    assert log == []


def test_a_reader_that_leaves():
    streams = buffered(None, Torn(1), BytesIO())
    writer = PlainWriter(streams)
    writer.write("a")
    with pytest.raises(ReaderGone):
        writer.write("b")
    writer.fail(ReaderGone())
    assert streams.stdout.sink.getvalue() == b"a"


def test_sanitizing_a_pipe_when_asked(streams, log):
    run(open_writer(streams, sanitize="always"), ["a\x1b", "[2J\u200b\r", "\nb\U000e0041"])
    assert out(log) == "a^[[2J\nb\n"
    assert err(log) == "note: 2 invisible characters in this reply were not shown\n"


def test_a_terminal_that_cannot_draw(dumb, log):
    writer = open_writer(dumb, prefix="Mira: ")
    assert isinstance(writer, PlainWriter)
    writer.start("mira")
    writer.notice("trimmed", "before")
    for piece in ("", "\x1b]0;", "evil\x07\u200b"):
        writer.write(piece)
    writer.notice("unreadable", "within")
    writer.done(RESULT)
    assert log[0] == ("err", "before\n")
    assert out(log) == "Mira: ^[]0;evil^G\n"
    assert err(log) == "before\nnote: 1 invisible character in this reply was not shown\nwithin\n"


def test_raw_on_a_terminal(log):
    streams = buffered(None, Log(log, "out"), Log(log, "err"), out_tty=True)
    run(open_writer(streams, raw=True), ["# a\x1b\n"], IncompleteError("cut"))
    assert (out(log), err(log)) == ("# a^[\n", "")


def test_a_terminal_without_sanitizing(log):
    streams = buffered(None, Log(log, "out"), Log(log, "err"), out_tty=True)
    run(open_writer(streams, sanitize="never"), ["**a**\x1b[1m"])
    assert out(log) == "**a**\x1b[1m\n"


def test_the_whole_reply_at_once(streams, log):
    writer = open_writer(streams, stream=False)
    writer.write("a")
    writer.reasoning("b")
    writer.notice("retry", "the waiting line says so")
    writer.notice("trimmed", "c")
    assert log == [("err", "c\n")]
    writer.write("d")
    writer.done(RESULT)
    assert log[1:] == [("out", "ad"), ("out", "\n")]


def test_the_part_of_a_reply_at_once(streams, log):
    run(open_writer(streams, stream=False), ["a", "b"], IncompleteError("cut"))
    assert out(log) == "ab\n"


FACTS = {
    "text": "text",
    "model": "mira",
    "finish_reason": "stop",
    "usage": {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7, "estimated": False},
    "id": "c1",
    "truncated": False,
    "trimmed": 0,
    "elapsed": 1.235,
}


def test_json_is_one_object_at_the_end(streams, log):
    writer = open_writer(streams, form="json")
    writer.start("mira")
    writer.write("te")
    writer.notice("trimmed", "a note")
    assert log == [("err", "a note\n")]
    writer.done(RESULT)
    assert out(log).count("\n") == 1
    assert json.loads(out(log)) == FACTS
    assert list(json.loads(out(log))) == list(FACTS)
    assert streams.reported


def test_a_result_with_reasoning_and_data():
    full = Result("t", "m", "", Usage(1, 1, 2, estimated=True), reasoning="why", data=None, elapsed=2)
    values = full.as_json()
    assert list(values)[-2:] == ["reasoning", "data"]
    assert (values["reasoning"], values["data"], values["usage"]["estimated"]) == ("why", None, True)
    assert isinstance(values["elapsed"], float)


def test_json_is_ascii():
    text = "é\u2028\x1b\x7f😀\ud800"
    assert as_line({"a": text}).isascii()
    assert "\x1b" not in as_line({"a": text})
    assert json.loads(as_line({"a": "é😀"})) == {"a": "é😀"}


@given(st.text(st.characters() | st.characters(categories=["Cs"]) | st.sampled_from('\\ud8"😀')))
def test_a_line_holds_no_half_of_a_pair(text):
    # Two halves that stand side by side are a pair in JSON, whoever put them there.
    sound = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    assert json.loads(as_line({text: [text]})) == {sound: [sound]}


def test_json_of_a_failure(streams, log):
    error = RateLimitError(f"Later, {KEY}", hint="hint", status=429, retry_after=40.0, partial="half")
    run(open_writer(streams, form="json"), ["half"], error)
    write_failure(streams, error, events=False)
    assert json.loads(out(log)) == {
        "error": {
            "type": "rate_limit",
            "message": "Later, sk-mira-abababab…",
            "status": 429,
            "retryable": True,
            "retry_after": 40.0,
            "partial": "half",
        }
    }
    assert err(log) == ""


def test_every_step_of_a_reply_is_an_event(streams, log):
    writer = open_writer(streams, form="events")
    writer.start("mira-pro")
    writer.notice("retry", "rate limited")
    writer.reasoning("hm")
    writer.write("te")
    writer.write("")
    writer.write("xt")
    writer.notice("unreadable", "one event")
    writer.done(RESULT)
    lines = [json.loads(text) for name, text in log if name == "out"]
    assert lines == [
        {"event": "start", "model": "mira-pro"},
        {"event": "notice", "kind": "retry", "message": "rate limited"},
        {"event": "reasoning", "text": "hm"},
        {"event": "delta", "text": "te"},
        {"event": "delta", "text": "xt"},
        {"event": "notice", "kind": "unreadable", "message": "one event"},
        {"event": "done", **FACTS},
    ]
    assert all(next(iter(line)) == "event" for line in lines)
    assert all(text.endswith("\n") and text.count("\n") == 1 for name, text in log if name == "out")
    assert err(log) == "one event\n"


def test_a_key_given_as_the_model_is_masked(streams, log):
    open_writer(streams, form="events").start("sk-mira-0123456789abcdef")
    assert json.loads(out(log)) == {"event": "start", "model": "sk-mira-01234567…"}


def test_events_of_a_failure(streams, log):
    run(open_writer(streams, form="events"), ["ha", "lf"], IncompleteError("cut", partial="half"))
    last = json.loads(out(log).splitlines()[-1])
    assert last["event"] == "error"
    assert (last["error"]["type"], last["error"]["partial"]) == ("incomplete", "half")


def test_a_failure_before_there_is_a_writer(streams, log):
    write_failure(streams, UsageError("no question"), events=True)
    write_failure(streams, UsageError("again"), events=True)
    assert [json.loads(line)["error"]["message"] for line in out(log).splitlines()] == ["no question"]


@pytest.mark.parametrize("kind", [JsonWriter, EventsWriter])
def test_json_stops_at_a_reader_that_left(kind):
    streams = buffered(None, Torn(0), BytesIO())
    writer = kind(streams)
    with pytest.raises(ReaderGone):
        writer.done(RESULT)
    writer.fail(ReaderGone())
    writer.fail(OutputError("full"))
    assert streams.stdout.sink.getvalue() == b""
