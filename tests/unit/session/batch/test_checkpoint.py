"""The file of answers: whole rows only, whatever a kill left; one writer."""

from __future__ import annotations

import json
import os
import stat
import tempfile
from io import FileIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mira_cli.errors import OutputError, UsageError
from mira_cli.session.batch import checkpoint as module
from mira_cli.session.batch.checkpoint import ROW_START
from mira_cli.session.batch.checkpoint import open_checkpoint as open_for
from mira_cli.terminal.result import as_line


def open_checkpoint(path):
    return open_for(path, questions="-")


def key(number):
    return f"{number:032x}"


def good(number, text="t"):
    return as_line({"id": number, "key": key(number), "text": text, "model": "mira"}).encode()


def bad(number):
    return as_line({"id": number, "key": key(number), "error": {"message": "no"}}).encode()


@given(st.lists(st.tuples(st.booleans(), st.text(max_size=5)), max_size=4), st.data())
@settings(max_examples=200, deadline=None)
def test_whole_rows_stay_wherever_the_file_is_cut(rows, draw):
    lines = [good(number, text) if fine else bad(number) for number, (fine, text) in enumerate(rows)]
    data = b"".join(lines)
    kept = data[: draw.draw(st.integers(0, len(data)))]
    # A row that only lacks its line end is whole.
    whole = sum(kept.startswith(b"".join(lines[: n + 1])[:-1]) for n in range(len(lines)))
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, "out")
        path.write_bytes(kept)
        with open_checkpoint(str(path)) as checkpoint:
            assert checkpoint.done == {key(n) for n in range(whole) if rows[n][0]}
            assert set(checkpoint.failed) == {key(n) for n in range(whole) if not rows[n][0]}
            checkpoint.append(good(99))
        assert path.read_bytes() == b"".join(lines[:whole]) + good(99)


def test_the_last_row_of_a_key_wins(tmp_path):
    path = tmp_path / "out"
    path.write_bytes(bad(1) + good(2) + good(1) + bad(2))
    with open_checkpoint(str(path)) as checkpoint:
        assert checkpoint.done == {key(1)}
        assert checkpoint.failed == {key(2): "no"}


def test_empty_lines_are_skipped(tmp_path):
    path = tmp_path / "out"
    path.write_bytes(b"\n" + good(1) + b"\n")
    with open_checkpoint(str(path)) as checkpoint:
        assert checkpoint.done == {key(1)}


@pytest.mark.parametrize(
    "row",
    [
        {"text": "t", "id": "x", "key": key(3)},
        {"id": 'a "quoted" id', "key": key(3), "text": 'b\\"\n{', "model": "mira"},
        {"id": 3, "key": key(3), "text": "t"},
    ],
)
def test_rows_rewritten_by_other_programs_are_rows(tmp_path, row):
    path = tmp_path / "out"
    path.write_text(json.dumps(row) + "\n" + json.dumps(row, separators=(",", ":")) + "\n")
    with open_checkpoint(str(path)) as checkpoint:
        assert checkpoint.done == {key(3)}


def test_rows_begin_with_row_start():
    assert good(1).startswith(ROW_START)


def test_a_new_file_has_the_mode_of_any_output(tmp_path):
    path = tmp_path / "out"
    before = os.umask(0o027)
    try:
        with open_checkpoint(str(path)):
            pass
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_second_writer_is_refused_until_the_first_is_done(tmp_path):
    path = tmp_path / "out"
    path.write_bytes(good(1) + b'{"id":')
    with open_checkpoint(str(path)) as first:
        before = path.read_bytes()
        with pytest.raises(UsageError, match="Another mira"), open_checkpoint(str(path)):
            pass
        assert path.read_bytes() == before
        first.append(good(2))
    with open_checkpoint(str(path)) as again:
        assert again.done == {key(1), key(2)}


@pytest.mark.parametrize(
    "content",
    [
        b"\0\0",
        b"{\n",
        b'{"id":1}\n',
        b'{"id":1,"question":"What?"}',
        b'{"text":"","key":""}\n',
        b"[" * 100_000,
    ],
)
def test_a_file_with_other_lines_is_left_alone(tmp_path, content):
    path = tmp_path / "out"
    path.write_bytes(good(1) + content)
    with pytest.raises(UsageError, match=r"line 2 is not a row of a batch"), open_checkpoint(str(path)):
        pass
    assert path.read_bytes() == good(1) + content


def test_a_pipe_is_refused(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with pytest.raises(UsageError, match="not an ordinary file"), open_checkpoint(str(path)):
        pass


def test_a_full_disk_leaves_no_half_row(tmp_path, monkeypatch):
    path = tmp_path / "out"

    class FullAtLast(FileIO):
        def write(self, data):
            return super().write(data[:5] if self.tell() else data)

    monkeypatch.setattr(module, "FileIO", FullAtLast)
    with open_checkpoint(str(path)) as checkpoint:
        checkpoint.append(good(1))
        with pytest.raises(OutputError, match="no space left"):
            checkpoint.append(good(2))
    assert path.read_bytes() == good(1)


def test_rows_have_reached_the_disk_at_the_end(tmp_path, monkeypatch):
    synced = []
    monkeypatch.setattr(os, "fsync", lambda _: synced.append((tmp_path / "out").read_bytes()))
    with open_checkpoint(str(tmp_path / "out")) as checkpoint:
        checkpoint.append(good(1))
        checkpoint.append(good(2))
    assert synced == [good(1) + good(2)]
