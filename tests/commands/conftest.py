"""Chats and batches as the tests of several files start them."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def chat(mira):
    """Run a chat with these lines on standard input."""

    def run(*lines, flags=(), **variables):
        return mira("chat", *flags, stdin="".join(f"{line}\n" for line in lines).encode(), **variables)

    return run


@pytest.fixture
def write(tmp_path):
    """Write a file of rows: values become JSON, texts are lines as they stand."""

    def write(*rows, name="in.jsonl"):
        path = tmp_path / name
        lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
        path.write_text("".join(f"{line}\n" for line in lines))
        return str(path)

    return write


@pytest.fixture
def out(tmp_path):
    """A file of answers that is not there yet."""
    return tmp_path / "out.jsonl"
