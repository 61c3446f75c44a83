"""A file is the old one or the new one, never a part, as private as was asked for, and has one writer at a time."""

from __future__ import annotations

import fcntl
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from mira_cli.errors import ConfigError
from mira_cli.settings import file, files, keys
from mira_cli.settings.paths import locate


@pytest.fixture(params=[0o000, 0o022, 0o077, 0o277])
def umask(request):
    """Every umask that a careless or a careful person has."""
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_modes_do_not_depend_on_the_umask(tmp_path, umask):
    target = tmp_path / "a" / "b" / "file"
    files.make_directory(str(target.parent))
    files.write(str(target), b"text", mode=0o600)
    assert target.read_bytes() == b"text"
    assert mode(target) == 0o600
    assert mode(target.parent) == mode(target.parent.parent) == 0o700


def test_a_directory_that_is_there_stays_as_it_is(tmp_path):
    tmp_path.chmod(0o755)
    files.make_directory(str(tmp_path))
    assert mode(tmp_path) == 0o755


def test_a_file_in_the_way(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError) as caught:
        files.make_directory(str(tmp_path / "file" / "mira"))
    assert "Cannot make" in caught.value.message


def test_a_name_that_no_system_takes(tmp_path):
    """As where a directory may not be looked into: it is not even known what is there."""
    for path in (tmp_path / ("a" * 300), tmp_path / ("a" * 300) / "mira"):
        with pytest.raises(ConfigError, match=r"Cannot make .*aaa.*: File name too long"):
            files.make_directory(str(path))


def test_a_directory_in_the_way(tmp_path):
    with pytest.raises(ConfigError) as caught:
        files.write(str(tmp_path), b"text")
    assert "Cannot write" in caught.value.message
    assert list(tmp_path.iterdir()) == []


def test_a_directory_that_is_gone(tmp_path):
    with pytest.raises(ConfigError) as caught:
        files.write(str(tmp_path / "none" / "file"), b"text")
    assert "No such file" in caught.value.message


def test_a_crash_before_the_rename_leaves_the_old(tmp_path, monkeypatch):
    target = tmp_path / "file"
    files.write(str(target), b"old")

    def crash(descriptor):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", crash)
    with pytest.raises(KeyboardInterrupt):
        files.write(str(target), b"new and longer")
    assert target.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_lock_that_is_held_is_given_up_on_with_one_line(tmp_path):
    path = str(tmp_path / "lock")
    with Path(path).open("w", encoding="utf-8") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(ConfigError) as caught, files.locked(path, path, timeout=0.05):
            pass
    assert path in caught.value.message


def test_a_lock_is_waited_for_and_the_wait_is_said_once(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "NOTICE_AFTER", 0.0)
    path = str(tmp_path / "lock")
    other = os.open(path, os.O_RDWR | os.O_CREAT)
    fcntl.flock(other, fcntl.LOCK_EX)
    notes = []

    def note(line):
        notes.append(line)
        os.close(other)

    with files.locked(path, "talk", note):
        assert notes == ["Waiting for another mira process using talk…"]


def test_a_lock_is_free_again_after_a_failure(tmp_path):
    path = str(tmp_path / "lock")
    with pytest.raises(KeyError), files.locked(path, path):
        raise KeyError
    with files.locked(path, path, timeout=0):
        assert Path(path).exists()


def test_a_directory_that_is_not_there(tmp_path):
    with pytest.raises(ConfigError) as caught, files.locked(str(tmp_path / "none" / "lock"), "talk"):
        pass
    assert "No such file" in caught.value.message


WRITER = """
import sys
from mira_cli.settings import file, keys
from mira_cli.settings.paths import locate
paths = locate({"MIRA_CONFIG_DIR": sys.argv[1]})
for number in range(10):
    file.assign(paths, f"n{sys.argv[2]}x{number}", number)
    keys.store(paths, f"https://h{sys.argv[2]}x{number}", "sk-mira-x", print)
"""


def test_two_writers_at_once_lose_nothing(tmp_path):
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path), str(number)], stdout=subprocess.DEVNULL
        )
        for number in range(2)
    ]
    assert [writer.wait() for writer in writers] == [0, 0]
    paths = locate({"MIRA_CONFIG_DIR": str(tmp_path)})
    assert len(file.load(paths.config_file).values) == 20
    assert len(keys.load(paths.key_file, print)) == 20
