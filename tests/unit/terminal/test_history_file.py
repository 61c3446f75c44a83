import multiprocessing
import os
import stat

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mira_cli.terminal import history_file

TEXTS = st.lists(
    st.text(st.characters(exclude_characters="\x00", exclude_categories=("Cs",)), min_size=1), max_size=8
)


@given(texts=TEXTS)
@settings(max_examples=100, deadline=None)
def test_what_is_appended_is_loaded(texts, tmp_path_factory):
    path = str(tmp_path_factory.mktemp("history") / "history")
    for text in texts:
        history_file.append(path, text)
    assert history_file.load(path) == texts


def test_a_missing_file_is_empty(tmp_path):
    assert history_file.load(str(tmp_path / "none" / "history")) == []


@pytest.mark.parametrize("umask", [0, 0o777])
def test_file_and_directories_are_private_whatever_the_umask(tmp_path, umask):
    path = tmp_path / "a" / "b" / "history"
    before = os.umask(umask)
    try:
        history_file.append(str(path), "x")
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert {stat.S_IMODE(place.stat().st_mode) for place in (path.parent, path.parent.parent)} == {0o700}


def test_a_file_that_others_may_read_becomes_private(tmp_path):
    path = tmp_path / "history"
    path.touch(0o644)
    history_file.append(str(path), "x")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@given(damage=st.binary(max_size=200))
@settings(max_examples=100, deadline=None)
def test_damage_never_fails_and_never_takes_the_next_entry(damage, tmp_path_factory):
    path = tmp_path_factory.mktemp("history") / "history"
    path.write_bytes(damage)
    history_file.append(str(path), "after\nthe damage")
    assert history_file.load(str(path))[-1] == "after\nthe damage"


def test_only_the_end_of_a_large_file_is_read(tmp_path):
    path = str(tmp_path / "history")
    for number in range(40):
        history_file.append(path, f"{number} {'x' * 40_000}")
    entries = history_file.load(path)
    assert entries[-1].startswith("39 ")
    assert 20 < len(entries) < 30
    assert all(entry.split(" ", 1)[1] == "x" * 40_000 for entry in entries)


def test_a_document_is_no_line_to_come_back_to(tmp_path):
    path = tmp_path / "history"
    history_file.append(str(path), "x" * (history_file.LONGEST_KEPT + 1))
    assert not path.exists()


def test_what_cannot_be_read_or_written_raises(tmp_path):
    with pytest.raises(OSError, match="directory"):
        history_file.load(str(tmp_path))
    with pytest.raises(OSError, match="directory"):
        history_file.append(str(tmp_path), "x")


def _append_many(path, name):
    for number in range(200):
        history_file.append(path, f"{name} {number}\n{'y' * 300}")


def test_several_chats_at_once_lose_no_line(tmp_path):
    path = str(tmp_path / "history")
    context = multiprocessing.get_context("spawn")
    chats = [context.Process(target=_append_many, args=(path, name)) for name in ("a", "b", "c")]
    for chat in chats:
        chat.start()
    for chat in chats:
        chat.join()
    assert [chat.exitcode for chat in chats] == [0, 0, 0]
    firsts = [entry.split("\n")[0] for entry in history_file.load(path)]
    for name in ("a", "b", "c"):
        assert [one for one in firsts if one[0] == name] == [f"{name} {number}" for number in range(200)]
