"""The lines typed before: private, without secrets, shared by chats, whatever is in the file."""

import multiprocessing
import os
import stat

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mira_cli.terminal.prompt.history import MAX_KEPT, LineHistory, holds_secret

TEXTS = st.lists(
    st.text(st.characters(exclude_characters="\x00", exclude_categories=("Cs",)), min_size=1), max_size=8
)


def remember(path, *lines):
    history = LineHistory(str(path))
    for line in lines:
        history.store_string(line)
    assert not history.problem


def remembered(path):
    """The lines in the file, oldest first."""
    history = LineHistory(str(path))
    lines = list(history.load_history_strings())[::-1]
    assert not history.problem
    return lines


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
    history = LineHistory(str(path))
    for line in ("one", "/set key x", "two"):
        history.append_string(line)
    assert history.get_strings() == ["one", "two"]
    assert b"key" not in path.read_bytes()
    assert list(LineHistory(str(path)).load_history_strings()) == ["two", "one"]


def test_a_file_that_fails_is_said_once_and_lines_stay_in_memory(tmp_path):
    history = LineHistory(str(tmp_path))
    history.append_string("one")
    problem = f"The history file {tmp_path} can't be written (Is a directory); continuing without it."
    assert history.problem == problem
    history.problem = ""
    history.append_string("two")
    assert not history.problem
    assert history.get_strings() == ["one", "two"]


@given(texts=TEXTS)
@settings(max_examples=100, deadline=None)
def test_what_is_appended_is_loaded(texts, tmp_path_factory):
    path = tmp_path_factory.mktemp("history") / "history"
    remember(path, *texts)
    assert remembered(path) == texts


def test_a_missing_file_is_empty(tmp_path):
    assert remembered(tmp_path / "none" / "history") == []


@pytest.mark.parametrize("umask", [0, 0o077])
def test_file_and_directory_are_private_whatever_the_umask(tmp_path, umask):
    path = tmp_path / "a" / "b" / "history"
    before = os.umask(umask)
    try:
        remember(path, "x")
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_file_that_others_may_read_becomes_private(tmp_path):
    path = tmp_path / "history"
    path.touch(0o644)
    remember(path, "x")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@given(damage=st.binary(max_size=200))
@settings(max_examples=100, deadline=None)
def test_damage_never_fails_and_never_takes_the_next_entry(damage, tmp_path_factory):
    path = tmp_path_factory.mktemp("history") / "history"
    path.write_bytes(damage)
    remember(path, "after\nthe damage")
    assert remembered(path)[-1] == "after\nthe damage"


def test_a_document_is_no_line_to_come_back_to(tmp_path):
    path = tmp_path / "history"
    remember(path, "x" * (MAX_KEPT + 1))
    assert not path.exists()


def test_of_a_long_file_the_newest_lines_are_read(tmp_path):
    path = tmp_path / "history"
    path.write_text("".join(f"\n# time\n+line {number}\n" for number in range(12_000)))
    assert remembered(path) == [f"line {number}" for number in range(2_000, 12_000)]


def test_a_file_of_another_version_is_read(tmp_path):
    path = tmp_path / "history"
    path.write_bytes(b"\n#\n+one\n+more of it\n\n# 2026-01-01 10:00:00\n+two\n")
    assert remembered(path) == ["one\nmore of it", "two"]


def _append_many(path, name):
    for number in range(200):
        remember(path, f"{name} {number}\n{'y' * 300}")


def test_several_chats_at_once_lose_no_line(tmp_path):
    path = str(tmp_path / "history")
    context = multiprocessing.get_context("spawn")
    chats = [context.Process(target=_append_many, args=(path, name)) for name in ("a", "b", "c")]
    for chat in chats:
        chat.start()
    for chat in chats:
        chat.join()
    assert [chat.exitcode for chat in chats] == [0, 0, 0]
    firsts = [entry.split("\n")[0] for entry in remembered(path)]
    for name in ("a", "b", "c"):
        assert [one for one in firsts if one[0] == name] == [f"{name} {number}" for number in range(200)]
