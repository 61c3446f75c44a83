import pytest
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.document import Document

from mira_cli.terminal.prompt_history import LastLike, LineHistory, holds_secret


@pytest.mark.parametrize(
    "text",
    [
        "sk-mira-",
        "my key: SK-MIRA-abc",
        "/set key",
        "/set key abc",
        " /set  key x",
        "http://me:secret@host/",
        "a\nsk-mira-1",
    ],
)
def test_lines_with_a_secret(text):
    assert holds_secret(text)


@pytest.mark.parametrize(
    "text", ["hello", "/set keyboard x", "/set theme dark", "what is a key?", "sk-other-1"]
)
def test_lines_without_one(text):
    assert not holds_secret(text)


def test_a_line_with_a_secret_is_not_even_kept_in_memory(tmp_path):
    path = tmp_path / "history"
    history = LineHistory(str(path), lambda _: None)
    for line in ("one", "/set key x", "two"):
        history.append_string(line)
    assert history.get_strings() == ["one", "two"]
    assert b"key" not in path.read_bytes()
    assert list(LineHistory(str(path), lambda _: None).load_history_strings()) == ["two", "one"]


def test_a_file_that_fails_is_said_once_and_lines_stay_in_memory(tmp_path):
    said = []
    history = LineHistory(str(tmp_path), said.append)
    history.append_string("one")
    history.append_string("two")
    assert said == [
        f"The history {tmp_path} cannot be written (Is a directory); this chat goes on without it."
    ]
    assert history.get_strings() == ["one", "two"]


@pytest.mark.parametrize(
    ("typed", "suggested"),
    [
        ("he", "llo world"),
        ("hello w", "orld"),
        ("hello world", None),
        ("x", None),
        ("", None),
        (" ", None),
        ("two", " lines"),
    ],
)
def test_the_newest_line_like_it_is_suggested(typed, suggested):
    history = LineHistory("", lambda _: None)
    for line in ("hello there", "two lines\nand more", "hello world"):
        history.append_string(line)
    found = LastLike().get_suggestion(Buffer(history=history), Document(typed))
    assert (found.text if found else None) == suggested
