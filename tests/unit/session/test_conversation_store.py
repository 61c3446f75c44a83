"""Conversation files on disk."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import textwrap
from contextlib import ExitStack, contextmanager

import pytest

from mira_cli.conversation.file_format import StoredConversation, dump
from mira_cli.conversation.message import StoredTurn
from mira_cli.errors import OutputError, UsageError
from mira_cli.session.conversation_store import (
    open_conversation,
    read_conversation,
    write_conversation,
    write_text,
)
from mira_cli.settings import files

TALK = StoredConversation(turns=(StoredTurn.of("Hi", "Hello"),), model="mira")

# Opens the conversation, adds a turn named by its argument, with pauses in which others could come between.
ADD_TURN = textwrap.dedent(
    """
    import sys, time
    from dataclasses import replace
    from mira_cli.conversation.message import StoredTurn
    from mira_cli.session.conversation_store import open_conversation, write_conversation

    for number in range(5):
        with open_conversation(sys.argv[1], timeout=60) as stored:
            time.sleep(0.005)
            turn = StoredTurn.of(f"{sys.argv[2]} {number}", "reply")
            write_conversation(sys.argv[1], replace(stored, turns=(*stored.turns, turn)))
    """
)

HOLD = textwrap.dedent(
    """
    import sys
    from mira_cli.session.conversation_store import open_conversation

    with open_conversation(sys.argv[1], timeout=0):
        print("held", flush=True)
        sys.stdin.read()
    """
)


def child(program, *arguments):
    return subprocess.Popen(
        [sys.executable, "-c", program, *map(str, arguments)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )


@contextmanager
def holder(path):
    """A process that has the conversation open until its standard input ends."""
    with child(HOLD, path) as process:
        assert process.stdout.readline() == b"held\n"
        yield process


def names(directory):
    return [entry.name for entry in directory.iterdir()]


@pytest.fixture
def path(tmp_path):
    directory = tmp_path / "talks"
    directory.mkdir()
    return directory / "talk.json"


def test_a_missing_file_is_a_new_conversation_made_private(path):
    old = os.umask(0)
    try:
        with open_conversation(str(path), timeout=1) as stored:
            assert stored == StoredConversation()
            assert not path.exists()
            write_conversation(str(path), TALK)
    finally:
        os.umask(old)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert json.loads(path.read_text())["messages"][0] == {"role": "user", "content": "Hi"}
    assert read_conversation(str(path)) == TALK
    assert names(path.parent) == ["talk.json"]


def test_an_empty_file_is_a_new_conversation(path):
    path.touch()
    with open_conversation(str(path), timeout=1) as stored:
        assert stored == StoredConversation()
    assert path.read_bytes() == b""


def test_a_turn_that_fails_leaves_no_trace(path):
    with pytest.raises(KeyboardInterrupt), open_conversation(str(path), timeout=1):
        raise KeyboardInterrupt
    assert names(path.parent) == []
    path.write_text(dump(TALK))
    with pytest.raises(KeyboardInterrupt), open_conversation(str(path), timeout=1):
        raise KeyboardInterrupt
    assert names(path.parent) == ["talk.json"]
    assert path.read_text() == dump(TALK)


def test_a_link_stays_a_link_and_shares_the_lock(path):
    path.write_text(dump(TALK))
    link = path.parent / "link"
    link.symlink_to("talk.json")
    with open_conversation(str(link), timeout=1):
        with pytest.raises(UsageError), open_conversation(str(path), timeout=0):
            pass
        write_conversation(str(link), StoredConversation(system="new"))
    assert link.is_symlink()
    assert read_conversation(str(path)).system == "new"


@pytest.mark.parametrize("content", [b"# Notes\n", b'{"a": 1}', b"\xff\xfe", b"[" * 5000])
def test_a_file_that_is_something_else_stays_as_it_is(path, content):
    path.write_bytes(content)
    with (
        pytest.raises(UsageError, match=r"talk\.json is not a conversation") as caught,
        open_conversation(str(path), timeout=1),
    ):
        pass
    assert caught.value.exit_code == 2
    assert path.read_bytes() == content
    assert names(path.parent) == ["talk.json"]


def test_what_is_no_file(tmp_path):
    for name, why in ((tmp_path, "is a directory"), ("/dev/null", "not an ordinary file")):
        with pytest.raises(UsageError, match=why), open_conversation(str(name), timeout=1):
            pass
        with pytest.raises(UsageError, match=why):
            read_conversation(str(name))
    with pytest.raises(UsageError, match="No such file:") as caught:
        read_conversation(str(tmp_path / "missing"))
    assert caught.value.hint == "Check the path."
    with (
        pytest.raises(UsageError, match=r"Cannot write .*/no/talk\.json: "),
        open_conversation(str(tmp_path / "no" / "talk.json"), timeout=1),
    ):
        pass
    (tmp_path / "loop").symlink_to("loop")
    for name in ("loop", "a" * 300):
        with (
            pytest.raises(UsageError, match="Cannot read"),
            open_conversation(str(tmp_path / name), timeout=1),
        ):
            pass
        with pytest.raises(UsageError, match="Cannot read"):
            read_conversation(str(tmp_path / name))


def test_a_file_that_cannot_be_written(tmp_path):
    with pytest.raises(OutputError) as caught:
        write_text(str(tmp_path / "missing" / "talk.md"), "text", mode=0o600)
    assert caught.value.exit_code == 1
    assert caught.value.hint


def test_a_second_one_waits_and_says_so(path):
    notes = []
    with holder(path) as process:

        def note(line):
            notes.append(line)
            process.stdin.close()

        with open_conversation(str(path), timeout=60, note=note):
            write_conversation(str(path), TALK)
    assert notes == [f"Waiting for another mira process using {path}…"]
    assert process.returncode == 0
    assert names(path.parent) == ["talk.json"]


def test_a_wait_for_several_in_turn_is_one_wait(path, monkeypatch):
    monkeypatch.setattr(files, "NOTICE_AFTER", 0.05)
    notes = []
    with holder(path) as first, ExitStack() as stack:

        def note(line):
            notes.append(line)
            (
                path.parent / ".talk.json.lock"
            ).unlink()  # as one does that is done; the next has one of its own
            stack.enter_context(holder(path))
            first.kill()

        with (
            pytest.raises(
                UsageError, match=rf"^Another mira process is using {path}; gave up after 0\.5 s\.$"
            ) as caught,
            open_conversation(str(path), timeout=0.5, note=note),
        ):
            pass
    assert caught.value.exit_code == 2
    assert notes == [f"Waiting for another mira process using {path}…"]


def test_a_killed_one_holds_nobody_off(path):
    with holder(path) as process:
        process.kill()
    assert names(path.parent) == [".talk.json.lock"]
    with open_conversation(str(path), timeout=30):
        write_conversation(str(path), TALK)
    assert names(path.parent) == ["talk.json"]


def test_no_turn_of_several_writers_is_lost(path):
    with ExitStack() as stack:
        processes = [stack.enter_context(child(ADD_TURN, path, name)) for name in "abcd"]
    assert [process.returncode for process in processes] == [0, 0, 0, 0]
    asked = [turn.question.content for turn in read_conversation(str(path)).turns]
    assert sorted(asked) == sorted(f"{name} {number}" for name in "abcd" for number in range(5))
    assert names(path.parent) == ["talk.json"]
