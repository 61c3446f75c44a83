"""One writer at a time."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from mira_cli.errors import ConfigError
from mira_cli.settings import file, key_file, lock
from mira_cli.settings.paths import Paths


def test_a_lock_that_is_held_is_given_up_on_with_one_line(tmp_path):
    path = str(tmp_path / "lock")
    with Path(path).open("w", encoding="utf-8") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(ConfigError) as caught, lock.hold(path, longest=0.05):
            pass
    assert path in caught.value.message


def test_a_lock_is_waited_for_and_the_wait_is_said_once(tmp_path, monkeypatch):
    monkeypatch.setattr(lock, "NOTICE_AFTER", 0.0)
    path = str(tmp_path / "lock")
    other = os.open(path, os.O_RDWR | os.O_CREAT)
    fcntl.flock(other, fcntl.LOCK_EX)
    said = []
    threading.Timer(0.2, os.close, (other,)).start()
    with lock.hold(path, waiting=lambda: said.append("waiting")):
        assert said == ["waiting"]


def test_a_lock_is_free_again_after_a_failure(tmp_path):
    path = str(tmp_path / "lock")
    with pytest.raises(KeyError), lock.hold(path):
        raise KeyError
    with lock.hold(path, longest=0):
        assert Path(path).exists()


def test_a_directory_that_is_not_there(tmp_path):
    with pytest.raises(ConfigError) as caught, lock.hold(str(tmp_path / "none" / "lock")):
        pass
    assert "No such file" in caught.value.message


WRITER = """
import sys
from mira_cli.settings import file, key_file
from mira_cli.settings.paths import Paths
paths = Paths(sys.argv[1], sys.argv[1], sys.argv[1])
for number in range(10):
    file.assign(paths, f"n{sys.argv[2]}x{number}", number)
    key_file.store(paths, f"https://h{sys.argv[2]}x{number}", "sk-mira-x", print)
"""


def test_two_writers_at_once_lose_nothing(tmp_path):
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path), str(number)], stdout=subprocess.DEVNULL
        )
        for number in range(2)
    ]
    assert [writer.wait() for writer in writers] == [0, 0]
    paths = Paths(str(tmp_path), "", "")
    assert len(file.load(paths.config_file).values) == 20
    assert len(key_file.load(paths.key_file, print)) == 20
