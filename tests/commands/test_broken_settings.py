"""A config.toml that cannot be read, or holds a bad value: it is named, kept, and what needs none works."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

UNREADABLE = [
    (b'model = "mira\n', "config.toml line 1, column 14: "),
    (b"# fine\n[table\n", "config.toml line 2, column 7: "),
    (b'model = "a"\nmodel = "b"\n', "config.toml line 2, column 12: "),
    (b'model = "\xff"\n', "config.toml line 1 is not UTF-8 text."),
    (b"\0\0\0\0", "config.toml line 1, column 1: "),
    (b"#" * (1 << 20) + b"#", "config.toml is over 1 MB"),
    (b"x = " + b"[" * 5000, "config.toml is nested too deeply, or holds too long a number."),
]
BAD = [
    (b"\n\ntemperature = 9\n", "temperature must be 0 to 2, not 9 (from config.toml line 3)."),
    (b"top_p = 'all'\n", "top_p must be 0 to 1, not all (from config.toml line 1)."),
    (b"[usage]\nname = 1\n", "(from config.toml line 1)."),
    (b"timeout = nan\n", "timeout must be more than 0 seconds, not nan (from config.toml line 1)."),
    (b'base_url = "http://example.com"\n', "base_url must begin with https://"),
    (b"retries = 99999999999999999999\n", "retries must be 0 to 100"),
    (b'key_command = "pass \'show"\n', "key_command cannot be split into words"),
]


@pytest.fixture
def config(tmp_path):
    """Where config.toml is."""
    (tmp_path / "config").mkdir()
    return tmp_path / "config" / "config.toml"


def ids(rows):
    return [says[:40] for _, says in rows]


@pytest.mark.parametrize(("data", "says"), UNREADABLE + BAD, ids=ids(UNREADABLE + BAD))
def test_broken_settings_are_named_and_what_needs_none_works(mira, config, simulator, data, says):
    config.write_bytes(data)
    done = mira("ask", "hi", MIRA_BASE_URL="" if b"base_url" in data else simulator.base_url)
    assert (done.code, done.out) == (2, "")
    assert says in done.err
    assert len(done.err.splitlines()) <= 2
    assert simulator.visits == []
    for words in (["--help"], ["--version"], ["ask", "--help"], ["config", "path"]):
        done = mira(*words)
        assert (done.code, done.err) == (0, ""), words


@pytest.mark.parametrize(("data", "says"), UNREADABLE, ids=ids(UNREADABLE))
def test_a_broken_file_is_not_written_to(mira, config, data, says):
    config.write_bytes(data)
    done = mira("config", "set", "model", "other")
    assert (done.code, done.out) == (2, "")
    assert says in done.err
    assert config.read_bytes() == data


@pytest.mark.parametrize(("data", "says"), BAD, ids=ids(BAD))
def test_a_bad_value_stands_beside_what_is_set(mira, config, data, says):
    config.write_bytes(data)
    assert mira("config", "set", "model", "other").code == 0
    assert data in config.read_bytes()
    assert b'model = "other"' in config.read_bytes()


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo, lambda path: path.symlink_to(path)])
def test_what_is_no_settings_file(mira, config, simulator, make):
    make(config)
    done = mira("ask", "hi")
    assert (done.code, done.out, len(done.err.splitlines())) == (2, "", 2)
    assert "config.toml" in done.err
    assert simulator.visits == []
    assert mira("config", "path").code == 0
