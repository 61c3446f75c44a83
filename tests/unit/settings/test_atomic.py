"""A file is the old one or the new one, never a part, and as private as was asked for."""

from __future__ import annotations

import os
import stat
import subprocess
import sys

import pytest

from mira_cli.errors import ConfigError
from mira_cli.settings import atomic


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
    atomic.make_directory(str(target.parent))
    atomic.write(str(target), b"text", mode=0o600)
    assert target.read_bytes() == b"text"
    assert mode(target) == 0o600
    assert mode(target.parent) == mode(target.parent.parent) == 0o700


def test_a_directory_that_is_there_stays_as_it_is(tmp_path):
    tmp_path.chmod(0o755)
    atomic.make_directory(str(tmp_path))
    assert mode(tmp_path) == 0o755


def test_a_file_in_the_way(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError) as caught:
        atomic.make_directory(str(tmp_path / "file" / "mira"))
    assert "Cannot make" in caught.value.message


def test_a_name_that_no_system_takes(tmp_path):
    """As where a directory may not be looked into: it is not even known what is there."""
    for path in (tmp_path / ("a" * 300), tmp_path / ("a" * 300) / "mira"):
        with pytest.raises(ConfigError, match=r"Cannot make .*aaa: File name too long"):
            atomic.make_directory(str(path))


def test_a_directory_in_the_way(tmp_path):
    with pytest.raises(ConfigError) as caught:
        atomic.write(str(tmp_path), b"text")
    assert "Cannot write" in caught.value.message
    assert list(tmp_path.iterdir()) == []


def test_a_link_that_leads_to_itself(tmp_path):
    link = tmp_path / "link"
    link.symlink_to(link)
    with pytest.raises(ConfigError) as caught:
        atomic.write(str(link), b"text")
    assert "Cannot write" in caught.value.message
    assert link.is_symlink()


def test_a_directory_that_is_gone(tmp_path):
    with pytest.raises(ConfigError) as caught:
        atomic.write(str(tmp_path / "none" / "file"), b"text")
    assert "No such file" in caught.value.message


def test_a_crash_before_the_rename_leaves_the_old(tmp_path, monkeypatch):
    target = tmp_path / "file"
    atomic.write(str(target), b"old")

    def crash(descriptor):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", crash)
    with pytest.raises(KeyboardInterrupt):
        atomic.write(str(target), b"new and longer")
    assert target.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_what_killed_runs_left_goes_with_the_next_write(tmp_path):
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        pass
    for name in (f".mira-{gone.pid}.tmp", f".mira-{os.getppid()}.tmp", ".mira-x.tmp", f".mira-{2**70}.tmp"):
        (tmp_path / name).write_text("half a ke")
    atomic.write(str(tmp_path / "file"), b"new")
    kept = {path.name for path in tmp_path.iterdir()}
    assert kept == {"file", f".mira-{os.getppid()}.tmp", ".mira-x.tmp", f".mira-{2**70}.tmp"}


def test_what_a_killed_run_of_our_number_left_is_no_obstacle(tmp_path):
    (tmp_path / f".mira-{os.getpid()}.tmp").write_text("half a ke")
    atomic.write(str(tmp_path / "file"), b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
