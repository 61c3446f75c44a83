"""File names as they are typed, pasted, or dropped on a terminal."""

from __future__ import annotations

import pytest

from mira_cli.session.chat.commands_files import as_path


@pytest.mark.parametrize(
    ("typed", "path"),
    [
        ("notes.txt", "notes.txt"),
        ("my notes.txt", "my notes.txt"),
        (r"my\ notes.txt", "my notes.txt"),
        ("'my notes.txt'", "my notes.txt"),
        ('"my notes.txt"', "my notes.txt"),
        ("'it'\\''s.txt'", "it's.txt"),
        ("it's.txt", "it's.txt"),
        (r"/tmp/sp\ dir/a\ \(b\).txt", "/tmp/sp dir/a (b).txt"),
        ("file:///tmp/a%20b.txt", "/tmp/a b.txt"),
        ("file://localhost/tmp/%D0%B6.txt", "/tmp/ж.txt"),
        ("FILE:///tmp/a'b.txt", "/tmp/a'b.txt"),
        ("~/a b.txt", "{home}/a b.txt"),
        (r"~/a\ b.txt", "{home}/a b.txt"),
        ("'~/a b.txt'", "{home}/a b.txt"),
        ("  -  ", "-"),
        ("", ""),
    ],
)
def test_a_path(typed, path, monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert as_path(typed) == path.format(home=tmp_path)


@pytest.mark.parametrize("name", ["'quoted'", r"back\slash", r"with\ both and space", "file:"])
def test_a_file_that_is_there_is_meant_as_it_stands(name, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_text("x")
    assert as_path(name) == name
